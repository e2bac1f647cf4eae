terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "us-east-1"
}

resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
  tags       = { Name = "myVPC" }
}

resource "aws_vpc" "security" {
  cidr_block = "10.9.0.0/16"
  tags       = { Name = "securityVPC" }
}

resource "aws_subnet" "app" {
  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.0.0.0/24"
  availability_zone = "us-east-1a"
  tags              = { Name = "appSubnet" }
}

resource "aws_subnet" "db" {
  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.0.1.0/24"
  availability_zone = "us-east-1a"
  tags              = { Name = "dbSubnet" }
}

resource "aws_subnet" "inspection" {
  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.0.2.0/24"
  availability_zone = "us-east-1a"
  tags              = { Name = "inspectionSubnet" }
}

resource "aws_subnet" "security" {
  vpc_id            = aws_vpc.security.id
  cidr_block        = "10.9.0.0/24"
  availability_zone = "us-east-1a"
  tags              = { Name = "securitySubnet" }
}

resource "aws_security_group" "app" {
  name        = "AppGroup"
  description = "AppGroup"
  vpc_id      = aws_vpc.main.id

  egress {
    protocol         = "-1"
    from_port        = 0
    to_port          = 0
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }

  tags = { Name = "AppGroup" }
}

resource "aws_security_group" "database" {
  name        = "DatabaseGroup"
  description = "DatabaseGroup"
  vpc_id      = aws_vpc.main.id

  ingress {
    protocol    = "6"
    from_port   = 5432
    to_port     = 5432
    cidr_blocks = ["10.0.0.0/24"]
  }

  egress {
    protocol         = "-1"
    from_port        = 0
    to_port          = 0
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }

  tags = { Name = "DatabaseGroup" }
}

resource "aws_security_group" "firewall" {
  name        = "FirewallGroup"
  description = "FirewallGroup"
  vpc_id      = aws_vpc.security.id

  ingress {
    protocol    = "17"
    from_port   = 6081
    to_port     = 6081
    cidr_blocks = ["10.9.0.0/24"]
  }

  egress {
    protocol         = "-1"
    from_port        = 0
    to_port          = 0
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }

  tags = { Name = "FirewallGroup" }
}

resource "aws_route_table" "app" {
  vpc_id = aws_vpc.main.id

  route {
    cidr_block      = "10.0.1.0/24"
    vpc_endpoint_id = aws_vpc_endpoint.inspection.id
  }

  tags = { Name = "appTable" }
}

resource "aws_route_table_association" "app" {
  subnet_id      = aws_subnet.app.id
  route_table_id = aws_route_table.app.id
}

resource "aws_route_table" "db" {
  vpc_id = aws_vpc.main.id

  route {
    cidr_block      = "10.0.0.0/24"
    vpc_endpoint_id = aws_vpc_endpoint.inspection.id
  }

  tags = { Name = "dbTable" }
}

resource "aws_route_table_association" "db" {
  subnet_id      = aws_subnet.db.id
  route_table_id = aws_route_table.db.id
}

resource "aws_route_table" "inspection" {
  vpc_id = aws_vpc.main.id
  tags   = { Name = "inspectionTable" }
}

resource "aws_route_table_association" "inspection" {
  subnet_id      = aws_subnet.inspection.id
  route_table_id = aws_route_table.inspection.id
}

resource "aws_instance" "app" {
  ami                    = "ami-0f2c9a4fe5edc5bd3"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.app.id
  private_ip             = "10.0.0.10"
  vpc_security_group_ids = [aws_security_group.app.id]
  tags                   = { Name = "AppServer" }
}

resource "aws_instance" "database" {
  ami                    = "ami-0f2c9a4fe5edc5bd3"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.db.id
  private_ip             = "10.0.1.10"
  vpc_security_group_ids = [aws_security_group.database.id]
  tags                   = { Name = "Database" }
}

resource "aws_instance" "firewall" {
  ami                    = "ami-0f2c9a4fe5edc5bd3"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.security.id
  private_ip             = "10.9.0.10"
  vpc_security_group_ids = [aws_security_group.firewall.id]
  tags                   = { Name = "Firewall" }
}

resource "aws_lb_target_group" "firewalls" {
  name     = "Firewalls"
  port     = 6081
  protocol = "GENEVE"
  vpc_id   = aws_vpc.security.id
  tags     = { Name = "Firewalls" }
}

resource "aws_lb_target_group_attachment" "firewall" {
  target_group_arn = aws_lb_target_group.firewalls.arn
  target_id        = aws_instance.firewall.id
}

resource "aws_lb" "inspection" {
  name               = "InspectionBalancer"
  load_balancer_type = "gateway"
  subnets            = [aws_subnet.security.id]
  tags               = { Name = "InspectionBalancer" }
}

resource "aws_lb_listener" "inspection" {
  load_balancer_arn = aws_lb.inspection.arn

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.firewalls.arn
  }

  tags = { Name = "InspectionBalancer/listener" }
}

resource "aws_vpc_endpoint_service" "inspection" {
  acceptance_required        = false
  gateway_load_balancer_arns = [aws_lb.inspection.arn]
  tags                       = { Name = "InspectionService" }
}

resource "aws_vpc_endpoint" "inspection" {
  vpc_id            = aws_vpc.main.id
  service_name      = aws_vpc_endpoint_service.inspection.service_name
  vpc_endpoint_type = "GatewayLoadBalancer"
  subnet_ids        = [aws_subnet.inspection.id]
  tags              = { Name = "InspectionEndpoint" }
}
