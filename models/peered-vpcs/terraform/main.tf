terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "us-east-1"
}

locals {
  vpcs = {
    my     = { cidr = "10.0.0.0/16", group = "appGroup" }
    data   = { cidr = "10.1.0.0/16", group = "dataGroup" }
    backup = { cidr = "10.2.0.0/16", group = "backupGroup" }
  }
  servers = {
    my     = { name = "AppServer", ip = "10.0.0.10" }
    data   = { name = "DataServer", ip = "10.1.0.10" }
    backup = { name = "BackupServer", ip = "10.2.0.10" }
  }
}

resource "aws_vpc" "each" {
  for_each = local.vpcs

  cidr_block = each.value.cidr
  tags       = { Name = "${each.key}VPC" }
}

resource "aws_subnet" "each" {
  for_each = local.vpcs

  vpc_id            = aws_vpc.each[each.key].id
  cidr_block        = cidrsubnet(each.value.cidr, 8, 0)
  availability_zone = "us-east-1a"
  tags              = { Name = "${each.key}Subnet" }
}

resource "aws_vpc_peering_connection" "my" {
  vpc_id      = aws_vpc.each["my"].id
  peer_vpc_id = aws_vpc.each["data"].id
  auto_accept = true
  tags        = { Name = "myPeering" }
}

resource "aws_vpc_peering_connection" "backup" {
  vpc_id      = aws_vpc.each["data"].id
  peer_vpc_id = aws_vpc.each["backup"].id
  tags        = { Name = "backupPeering" }
}

resource "aws_vpc_peering_connection_accepter" "backup" {
  vpc_peering_connection_id = aws_vpc_peering_connection.backup.id
  auto_accept               = true
}

resource "aws_route_table" "each" {
  for_each = local.vpcs

  vpc_id = aws_vpc.each[each.key].id
  tags   = { Name = "${each.key}RouteTable" }
}

resource "aws_route" "my" {
  for_each = toset(["10.1.0.0/16", "10.2.0.0/16"])

  route_table_id            = aws_route_table.each["my"].id
  destination_cidr_block    = each.key
  vpc_peering_connection_id = aws_vpc_peering_connection.my.id
}

resource "aws_route" "data_to_my" {
  route_table_id            = aws_route_table.each["data"].id
  destination_cidr_block    = "10.0.0.0/16"
  vpc_peering_connection_id = aws_vpc_peering_connection.my.id
}

resource "aws_route" "data_to_backup" {
  route_table_id            = aws_route_table.each["data"].id
  destination_cidr_block    = "10.2.0.0/16"
  vpc_peering_connection_id = aws_vpc_peering_connection.backup.id
}

resource "aws_route" "backup" {
  route_table_id            = aws_route_table.each["backup"].id
  destination_cidr_block    = "10.1.0.0/16"
  vpc_peering_connection_id = aws_vpc_peering_connection.backup.id
}

resource "aws_route_table_association" "each" {
  for_each = local.vpcs

  subnet_id      = aws_subnet.each[each.key].id
  route_table_id = aws_route_table.each[each.key].id
}

resource "aws_security_group" "each" {
  for_each = local.vpcs

  name        = each.value.group
  description = each.value.group
  vpc_id      = aws_vpc.each[each.key].id

  egress {
    from_port        = 0
    to_port          = 0
    protocol         = "-1"
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }

  tags = { Name = each.value.group }
}

resource "aws_security_group_rule" "data" {
  type                     = "ingress"
  security_group_id        = aws_security_group.each["data"].id
  protocol                 = "tcp"
  from_port                = 5432
  to_port                  = 5432
  source_security_group_id = aws_security_group.each["my"].id
}

resource "aws_security_group_rule" "backup" {
  type                     = "ingress"
  security_group_id        = aws_security_group.each["backup"].id
  protocol                 = "tcp"
  from_port                = 22
  to_port                  = 22
  source_security_group_id = aws_security_group.each["data"].id
}

resource "aws_security_group_rule" "backup_from_my" {
  type              = "ingress"
  security_group_id = aws_security_group.each["backup"].id
  protocol          = "tcp"
  from_port         = 22
  to_port           = 22
  cidr_blocks       = ["10.0.0.0/16"]
}

resource "aws_instance" "each" {
  for_each = local.servers

  ami                    = "ami-0f2c9a4fe5edc5bd3"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.each[each.key].id
  private_ip             = each.value.ip
  vpc_security_group_ids = [aws_security_group.each[each.key].id]
  tags                   = { Name = each.value.name }
}
