terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "us-east-1"
}

locals {
  vpcs = { app = "10.1.0.0/16", data = "10.2.0.0/16" }
}

module "spoke" {
  source   = "./spoke"
  for_each = local.vpcs

  name               = each.key
  cidr               = each.value
  transit_gateway_id = aws_ec2_transit_gateway.main.id
}

resource "aws_ec2_transit_gateway" "main" {
  default_route_table_association = "disable"
  default_route_table_propagation = "disable"
  tags                            = { Name = "myTransitGateway" }
}

resource "aws_vpc" "egress" {
  cidr_block = "10.0.0.0/16"
  tags       = { Name = "egressVPC" }
}

resource "aws_subnet" "attachment" {
  vpc_id            = aws_vpc.egress.id
  cidr_block        = "10.0.0.0/28"
  availability_zone = "us-east-1a"
  tags              = { Name = "attachmentSubnet" }
}

resource "aws_subnet" "public" {
  vpc_id            = aws_vpc.egress.id
  cidr_block        = "10.0.1.0/24"
  availability_zone = "us-east-1a"
  tags              = { Name = "publicSubnet" }
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.egress.id
  tags   = { Name = "myInternetGateway" }
}

resource "aws_eip" "nat" {
  domain = "vpc"
  tags   = { Name = "myNatGateway/elastic-ip" }
}

resource "aws_nat_gateway" "main" {
  subnet_id     = aws_subnet.public.id
  allocation_id = aws_eip.nat.id
  private_ip    = "10.0.1.5"
  tags          = { Name = "myNatGateway" }
}

resource "aws_ec2_transit_gateway_vpc_attachment" "egress" {
  transit_gateway_id = aws_ec2_transit_gateway.main.id
  vpc_id             = aws_vpc.egress.id
  subnet_ids         = [aws_subnet.attachment.id]
  tags               = { Name = "egressAttachment" }
}

resource "aws_ec2_transit_gateway_route_table" "spoke" {
  transit_gateway_id = aws_ec2_transit_gateway.main.id
  tags               = { Name = "spokeTable" }
}

resource "aws_ec2_transit_gateway_route_table" "egress" {
  transit_gateway_id = aws_ec2_transit_gateway.main.id
  tags               = { Name = "egressTable" }
}

resource "aws_ec2_transit_gateway_route_table_association" "spoke" {
  for_each = local.vpcs

  transit_gateway_attachment_id  = module.spoke[each.key].attachment_id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.spoke.id
}

resource "aws_ec2_transit_gateway_route_table_propagation" "spoke" {
  for_each = module.spoke

  transit_gateway_attachment_id  = each.value.attachment_id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.egress.id
}

resource "aws_ec2_transit_gateway_route_table_association" "egress" {
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.egress.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.egress.id
}

resource "aws_ec2_transit_gateway_route" "internet" {
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.spoke.id
  destination_cidr_block         = "0.0.0.0/0"
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.egress.id
}

resource "aws_ec2_transit_gateway_route" "between_spokes" {
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.spoke.id
  destination_cidr_block         = "10.0.0.0/8"
  blackhole                      = true
}

resource "aws_route_table" "attachment" {
  vpc_id = aws_vpc.egress.id

  route {
    cidr_block     = "0.0.0.0/0"
    nat_gateway_id = aws_nat_gateway.main.id
  }

  tags = { Name = "attachmentRouteTable" }
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.egress.id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.main.id
  }

  route {
    cidr_block         = "10.0.0.0/8"
    transit_gateway_id = aws_ec2_transit_gateway.main.id
  }

  tags = { Name = "publicRouteTable" }
}

resource "aws_route_table_association" "attachment" {
  subnet_id      = aws_subnet.attachment.id
  route_table_id = aws_route_table.attachment.id
}

resource "aws_route_table_association" "public" {
  subnet_id      = aws_subnet.public.id
  route_table_id = aws_route_table.public.id
}

resource "aws_security_group_rule" "database" {
  type              = "ingress"
  security_group_id = module.spoke["data"].group_id
  protocol          = "tcp"
  from_port         = 5432
  to_port           = 5432
  cidr_blocks       = ["10.0.0.0/8"]
}

resource "aws_instance" "app" {
  ami                    = "ami-0f2c9a4fe5edc5bd3"
  instance_type          = "t3.micro"
  subnet_id              = module.spoke["app"].subnet_id
  private_ip             = "10.1.1.10"
  vpc_security_group_ids = [module.spoke["app"].group_id]
  tags                   = { Name = "AppServer" }
}

resource "aws_instance" "database" {
  ami                    = "ami-0f2c9a4fe5edc5bd3"
  instance_type          = "t3.micro"
  subnet_id              = module.spoke["data"].subnet_id
  private_ip             = "10.2.1.10"
  vpc_security_group_ids = [module.spoke["data"].group_id]
  tags                   = { Name = "Database" }
}
