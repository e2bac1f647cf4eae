terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "us-east-1"
}

locals {
  zones = ["us-east-1a", "us-east-1b"]
  tiers = { web = 0, app = 10, data = 20 }
  subnets = merge([
    for tier, number in local.tiers : {
      for n, zone in local.zones : "${tier}Subnet${n == 0 ? "A" : "B"}" => {
        tier = tier
        zone = zone
        cidr = cidrsubnet("10.0.0.0/16", 8, number + n)
      }
    }
  ]...)
}

resource "aws_vpc" "main" {
  cidr_block           = "10.0.0.0/16"
  enable_dns_hostnames = true
  tags                 = { Name = "myVPC" }
}

resource "aws_subnet" "all" {
  for_each = local.subnets

  vpc_id                  = aws_vpc.main.id
  cidr_block              = each.value.cidr
  availability_zone       = each.value.zone
  map_public_ip_on_launch = each.value.tier == "web"
  tags                    = { Name = each.key }
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
  tags   = { Name = "myInternetGateway" }
}

resource "aws_eip" "nat" {
  for_each = toset(["A", "B"])

  domain = "vpc"
  tags   = { Name = "natGateway${each.key}/elastic-ip" }
}

resource "aws_nat_gateway" "a" {
  subnet_id     = aws_subnet.all["webSubnetA"].id
  allocation_id = aws_eip.nat["A"].id
  tags          = { Name = "natGatewayA" }
}

resource "aws_nat_gateway" "b" {
  subnet_id     = aws_subnet.all["webSubnetB"].id
  allocation_id = aws_eip.nat["B"].id
  tags          = { Name = "natGatewayB" }
}

module "web_routes" {
  source  = "./routes"
  name    = "webRouteTable"
  vpc_id  = aws_vpc.main.id
  subnets = { webSubnetA = aws_subnet.all["webSubnetA"].id, webSubnetB = aws_subnet.all["webSubnetB"].id }
  way_out = "internet"
  gateway = aws_internet_gateway.main.id
}

module "app_routes_a" {
  source  = "./routes"
  name    = "appRouteTableA"
  vpc_id  = aws_vpc.main.id
  subnets = { a = aws_subnet.all["appSubnetA"].id }
  way_out = "nat"
  nat     = aws_nat_gateway.a.id
}

module "app_routes_b" {
  source  = "./routes"
  name    = "appRouteTableB"
  vpc_id  = aws_vpc.main.id
  subnets = { b = aws_subnet.all["appSubnetB"].id }
  way_out = "nat"
  nat     = aws_nat_gateway.b.id
}

module "data_routes" {
  source  = "./routes"
  name    = "dataRouteTable"
  vpc_id  = aws_vpc.main.id
  subnets = { dataSubnetA = aws_subnet.all["dataSubnetA"].id, dataSubnetB = aws_subnet.all["dataSubnetB"].id }
}

resource "aws_security_group" "web" {
  name        = "webGroup"
  description = "webGroup"
  vpc_id      = aws_vpc.main.id
  tags        = { Name = "webGroup" }
}

resource "aws_security_group" "app" {
  name        = "appGroup"
  description = "appGroup"
  vpc_id      = aws_vpc.main.id
  tags        = { Name = "appGroup" }
}

resource "aws_security_group" "data" {
  name        = "dataGroup"
  description = "dataGroup"
  vpc_id      = aws_vpc.main.id
  tags        = { Name = "dataGroup" }
}

resource "aws_security_group_rule" "out" {
  for_each = { web = aws_security_group.web.id, app = aws_security_group.app.id, data = aws_security_group.data.id }

  type              = "egress"
  security_group_id = each.value
  protocol          = "-1"
  from_port         = 0
  to_port           = 0
  cidr_blocks       = ["0.0.0.0/0"]
  ipv6_cidr_blocks  = ["::/0"]
}

resource "aws_security_group_rule" "web" {
  type              = "ingress"
  security_group_id = aws_security_group.web.id
  protocol          = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_blocks       = ["0.0.0.0/0"]
}

resource "aws_security_group_rule" "app" {
  type                     = "ingress"
  security_group_id        = aws_security_group.app.id
  protocol                 = "tcp"
  from_port                = 8080
  to_port                  = 8080
  source_security_group_id = aws_security_group.web.id
}

resource "aws_security_group_rule" "data" {
  type                     = "ingress"
  security_group_id        = aws_security_group.data.id
  protocol                 = "tcp"
  from_port                = 5432
  to_port                  = 5432
  source_security_group_id = aws_security_group.app.id
}

resource "aws_security_group_rule" "replication" {
  type              = "ingress"
  security_group_id = aws_security_group.data.id
  protocol          = "tcp"
  from_port         = 5432
  to_port           = 5432
  self              = true
}

resource "aws_network_acl" "data" {
  vpc_id     = aws_vpc.main.id
  subnet_ids = [aws_subnet.all["dataSubnetA"].id, aws_subnet.all["dataSubnetB"].id]

  ingress {
    rule_no    = 100
    action     = "allow"
    protocol   = "tcp"
    from_port  = 5432
    to_port    = 5432
    cidr_block = "10.0.10.0/23"
  }

  ingress {
    rule_no    = 110
    action     = "allow"
    protocol   = "tcp"
    from_port  = 5432
    to_port    = 5432
    cidr_block = "10.0.20.0/23"
  }

  ingress {
    rule_no    = 120
    action     = "allow"
    protocol   = "tcp"
    from_port  = 1024
    to_port    = 65535
    cidr_block = "10.0.20.0/23"
  }

  tags = { Name = "dataAcl" }
}

resource "aws_network_acl_rule" "out" {
  for_each = { "100" = "10.0.10.0/23", "110" = "10.0.20.0/23" }

  network_acl_id = aws_network_acl.data.id
  egress         = true
  rule_number    = each.key
  rule_action    = "allow"
  protocol       = "tcp"
  from_port      = 1024
  to_port        = 65535
  cidr_block     = each.value
}

resource "aws_instance" "web" {
  for_each = {
    webSubnetA = { name = "WebServer", ip = "10.0.0.10" }
    webSubnetB = { name = "WebServerB", ip = "10.0.1.10" }
  }

  ami                    = "ami-0f2c9a4fe5edc5bd3"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.all[each.key].id
  private_ip             = each.value.ip
  vpc_security_group_ids = [aws_security_group.web.id]
  tags                   = { Name = each.value.name }
}

resource "aws_instance" "app" {
  for_each = {
    appSubnetA = { name = "AppServer", ip = "10.0.10.10" }
    appSubnetB = { name = "AppServerB", ip = "10.0.11.10" }
  }

  ami                    = "ami-0f2c9a4fe5edc5bd3"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.all[each.key].id
  private_ip             = each.value.ip
  vpc_security_group_ids = [aws_security_group.app.id]
  tags                   = { Name = each.value.name }
}

resource "aws_instance" "data" {
  for_each = {
    dataSubnetA = { name = "DataServer", ip = "10.0.20.10" }
    dataSubnetB = { name = "DataServerB", ip = "10.0.21.10" }
  }

  ami                    = "ami-0f2c9a4fe5edc5bd3"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.all[each.key].id
  private_ip             = each.value.ip
  vpc_security_group_ids = [aws_security_group.data.id]
  tags                   = { Name = each.value.name }
}
