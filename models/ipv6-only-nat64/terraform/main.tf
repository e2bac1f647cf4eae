terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "us-east-1"
}

variable "ipam_pool" {
  description = "the pool that holds the IPv6 block"
  default     = "ipam-pool-0123456789abcdef0"
}

resource "aws_vpc" "main" {
  cidr_block           = "10.0.0.0/16"
  enable_dns_hostnames = true
  ipv6_ipam_pool_id    = var.ipam_pool
  ipv6_cidr_block      = "2001:db8:1:a00::/56"
  tags                 = { Name = "myVPC" }
}

resource "aws_subnet" "main" {
  vpc_id                          = aws_vpc.main.id
  ipv6_cidr_block                 = "2001:db8:1:a01::/64"
  ipv6_native                     = true
  assign_ipv6_address_on_creation = true
  availability_zone               = "us-east-1a"
  tags                            = { Name = "mySubnet" }
}

resource "aws_subnet" "public" {
  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.0.0.0/24"
  availability_zone = "us-east-1a"
  tags              = { Name = "publicSubnet" }
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

resource "aws_security_group" "app" {
  name        = "AppGroup"
  description = "AppGroup"
  vpc_id      = aws_vpc.main.id

  egress {
    protocol         = "6"
    from_port        = 443
    to_port          = 443
    ipv6_cidr_blocks = ["::/0"]
  }

  tags = { Name = "AppGroup" }
}

resource "aws_route_table" "main" {
  vpc_id = aws_vpc.main.id

  route {
    ipv6_cidr_block = "64:ff9b::/96"
    nat_gateway_id  = aws_nat_gateway.main.id
  }

  tags = { Name = "myRouteTable" }
}

resource "aws_route_table_association" "main" {
  subnet_id      = aws_subnet.main.id
  route_table_id = aws_route_table.main.id
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.main.id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.main.id
  }

  tags = { Name = "publicRouteTable" }
}

resource "aws_route_table_association" "public" {
  subnet_id      = aws_subnet.public.id
  route_table_id = aws_route_table.public.id
}

resource "aws_instance" "app" {
  ami                    = "ami-0f2c9a4fe5edc5bd3"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.main.id
  vpc_security_group_ids = [aws_security_group.app.id]
  tags                   = { Name = "AppServer" }
}
