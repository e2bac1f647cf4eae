terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "us-east-1"
}

variable "ipam_pool" {
  description = "the pool that the IPv6 blocks come from"
  type        = string
  default     = "ipam-pool-0123456789abcdef0"
}

resource "aws_vpc" "main" {
  cidr_block        = "10.0.0.0/16"
  ipv6_ipam_pool_id = var.ipam_pool
  ipv6_cidr_block   = "2001:db8:10::/56"
  tags              = { Name = "myVPC" }
}

resource "aws_subnet" "public" {
  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.0.0.0/24"
  ipv6_cidr_block   = "2001:db8:10::/64"
  availability_zone = "us-east-1a"
  tags              = { Name = "publicSubnet" }
}

resource "aws_subnet" "private" {
  vpc_id                          = aws_vpc.main.id
  cidr_block                      = "10.0.1.0/24"
  ipv6_cidr_block                 = "2001:db8:10:1::/64"
  availability_zone               = "us-east-1a"
  assign_ipv6_address_on_creation = true
  tags                            = { Name = "mySubnet" }
}

resource "aws_subnet" "ipv6" {
  vpc_id                          = aws_vpc.main.id
  ipv6_cidr_block                 = "2001:db8:10:2::/64"
  ipv6_native                     = true
  assign_ipv6_address_on_creation = true
  availability_zone               = "us-east-1a"
  tags                            = { Name = "ipv6Subnet" }
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
  tags   = { Name = "myInternetGateway" }
}

resource "aws_egress_only_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
  tags   = { Name = "myEgressOnlyGateway" }
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

  route {
    ipv6_cidr_block = "::/0"
    gateway_id      = aws_internet_gateway.main.id
  }

  tags = { Name = "publicRouteTable" }
}

resource "aws_route_table" "private" {
  vpc_id = aws_vpc.main.id

  route {
    cidr_block     = "0.0.0.0/0"
    nat_gateway_id = aws_nat_gateway.main.id
  }

  route {
    ipv6_cidr_block        = "::/0"
    egress_only_gateway_id = aws_egress_only_internet_gateway.main.id
  }

  tags = { Name = "myRouteTable" }
}

resource "aws_route_table_association" "public" {
  subnet_id      = aws_subnet.public.id
  route_table_id = aws_route_table.public.id
}

resource "aws_route_table_association" "private" {
  subnet_id      = aws_subnet.private.id
  route_table_id = aws_route_table.private.id
}

resource "aws_route_table_association" "ipv6" {
  subnet_id      = aws_subnet.ipv6.id
  route_table_id = aws_route_table.private.id
}

resource "aws_security_group" "web" {
  name        = "webGroup"
  description = "webGroup"
  vpc_id      = aws_vpc.main.id

  ingress {
    from_port        = 443
    to_port          = 443
    protocol         = "tcp"
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }

  egress {
    from_port        = 0
    to_port          = 0
    protocol         = "-1"
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }

  tags = { Name = "webGroup" }
}

resource "aws_security_group" "app" {
  name        = "appGroup"
  description = "appGroup"
  vpc_id      = aws_vpc.main.id

  ingress {
    from_port       = 8080
    to_port         = 8080
    protocol        = "tcp"
    security_groups = [aws_security_group.web.id]
  }

  egress {
    from_port        = 0
    to_port          = 0
    protocol         = "-1"
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }

  tags = { Name = "appGroup" }
}

resource "aws_instance" "web" {
  ami                    = "ami-0f2c9a4fe5edc5bd3"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.public.id
  private_ip             = "10.0.0.10"
  ipv6_addresses         = ["2001:db8:10::10"]
  vpc_security_group_ids = [aws_security_group.web.id]
  tags                   = { Name = "WebServer" }
}

resource "aws_eip" "web" {
  domain   = "vpc"
  instance = aws_instance.web.id
  tags     = { Name = "webAddress" }
}

resource "aws_instance" "app" {
  ami                    = "ami-0f2c9a4fe5edc5bd3"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.private.id
  private_ip             = "10.0.1.10"
  vpc_security_group_ids = [aws_security_group.app.id]
  tags                   = { Name = "AppServer" }
}

resource "aws_instance" "ipv6" {
  ami                    = "ami-0f2c9a4fe5edc5bd3"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.ipv6.id
  vpc_security_group_ids = [aws_security_group.app.id]
  tags                   = { Name = "Ipv6Server" }
}
