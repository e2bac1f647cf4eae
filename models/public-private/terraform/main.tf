terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "us-east-1"
}

locals {
  everywhere = [{
    cidr_blocks      = ["0.0.0.0/0"]
    description      = ""
    from_port        = 0
    ipv6_cidr_blocks = ["::/0"]
    prefix_list_ids  = []
    protocol         = "-1"
    security_groups  = []
    self             = false
    to_port          = 0
  }]
}

resource "aws_vpc" "main" {
  cidr_block           = "10.0.0.0/16"
  enable_dns_hostnames = true
  tags                 = { Name = "myVPC" }
}

resource "aws_subnet" "public" {
  vpc_id                  = aws_vpc.main.id
  cidr_block              = "10.0.0.0/24"
  availability_zone       = "us-east-1a"
  map_public_ip_on_launch = true
  tags                    = { Name = "publicSubnet" }
}

resource "aws_subnet" "private" {
  count = 2

  vpc_id            = aws_vpc.main.id
  cidr_block        = cidrsubnet("10.0.0.0/16", 8, count.index + 1)
  availability_zone = ["us-east-1a", "us-east-1b"][count.index]
  tags              = { Name = ["mySubnet", "otherSubnet"][count.index] }
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
  tags   = { Name = "myInternetGateway" }
}

resource "aws_eip" "nat" {
  domain = "vpc"
  tags   = { Name = "myNatGateway/elastic-ip" }
}

resource "aws_nat_gateway" "main" {
  subnet_id     = aws_subnet.public.id
  allocation_id = aws_eip.nat.id
  tags          = { Name = "myNatGateway" }
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.main.id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.main.id
  }

  tags = { Name = "publicRouteTable" }
}

resource "aws_route_table" "private" {
  vpc_id = aws_vpc.main.id
  tags   = { Name = "privateRouteTable" }
}

resource "aws_route" "private" {
  route_table_id         = aws_route_table.private.id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.main.id
}

resource "aws_route_table_association" "public" {
  subnet_id      = aws_subnet.public.id
  route_table_id = aws_route_table.public.id
}

resource "aws_route_table_association" "private" {
  count = 2

  subnet_id      = aws_subnet.private[count.index].id
  route_table_id = aws_route_table.private.id
}

resource "aws_security_group" "web" {
  name        = "WebGroup"
  description = "WebGroup"
  vpc_id      = aws_vpc.main.id
  egress      = local.everywhere

  dynamic "ingress" {
    for_each = [80, 443]
    content {
      from_port   = ingress.value
      to_port     = ingress.value
      protocol    = "tcp"
      cidr_blocks = ["0.0.0.0/0"]
    }
  }

  tags = { Name = "WebGroup" }
}

resource "aws_security_group" "app" {
  name        = "AppGroup"
  description = "AppGroup"
  vpc_id      = aws_vpc.main.id
  egress      = local.everywhere
  tags        = { Name = "AppGroup" }
}

resource "aws_vpc_security_group_ingress_rule" "app" {
  security_group_id            = aws_security_group.app.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8080
  referenced_security_group_id = aws_security_group.web.id
}

resource "aws_security_group" "data" {
  name        = "DataGroup"
  description = "DataGroup"
  vpc_id      = aws_vpc.main.id
  egress      = local.everywhere
  tags        = { Name = "DataGroup" }
}

resource "aws_security_group_rule" "data" {
  type                     = "ingress"
  security_group_id        = aws_security_group.data.id
  protocol                 = "tcp"
  from_port                = 5432
  to_port                  = 5432
  source_security_group_id = aws_security_group.app.id
}

resource "aws_instance" "web" {
  ami                    = "ami-0f2c9a4fe5edc5bd3"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.public.id
  vpc_security_group_ids = [aws_security_group.web.id]
  tags                   = { Name = "WebServer" }
}

resource "aws_instance" "app" {
  ami                    = "ami-0f2c9a4fe5edc5bd3"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.private[0].id
  vpc_security_group_ids = [aws_security_group.app.id]
  tags                   = { Name = "AppServer" }
}

resource "aws_lambda_function" "report" {
  function_name = "Report"
  role          = "arn:aws:iam::123456789012:role/Report"
  handler       = "report.handler"
  runtime       = "python3.13"
  s3_bucket     = "example-code"
  s3_key        = "report.zip"

  vpc_config {
    subnet_ids         = aws_subnet.private[*].id
    security_group_ids = [aws_security_group.app.id]
  }

  tags = { Name = "Report" }
}

resource "aws_db_subnet_group" "data" {
  name       = "data-subnets"
  subnet_ids = aws_subnet.private[*].id
  tags       = { Name = "DataSubnets" }
}

resource "aws_db_instance" "data" {
  identifier             = "data"
  engine                 = "postgres"
  instance_class         = "db.t4g.micro"
  allocated_storage      = 20
  username               = "postgres"
  password               = "not-a-real-password"
  db_subnet_group_name   = aws_db_subnet_group.data.name
  vpc_security_group_ids = [aws_security_group.data.id]
  availability_zone      = "us-east-1b"
  skip_final_snapshot    = true
  tags                   = { Name = "Data" }
}
