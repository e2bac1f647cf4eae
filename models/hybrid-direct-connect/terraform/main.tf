terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "us-east-1"
}

resource "aws_vpc" "data" {
  cidr_block = "10.1.0.0/16"
  tags       = { Name = "dataVPC" }
}

resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
  tags       = { Name = "myVPC" }
}

resource "aws_subnet" "data" {
  vpc_id            = aws_vpc.data.id
  cidr_block        = "10.1.0.0/24"
  availability_zone = "us-east-1a"
  tags              = { Name = "dataSubnet" }
}

resource "aws_subnet" "main" {
  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.0.0.0/24"
  availability_zone = "us-east-1a"
  tags              = { Name = "mySubnet" }
}

resource "aws_security_group" "app" {
  name        = "AppGroup"
  description = "AppGroup"
  vpc_id      = aws_vpc.main.id

  ingress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }

  egress {
    protocol         = "-1"
    from_port        = 0
    to_port          = 0
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }

  tags = { Name = "AppGroup" }
}

resource "aws_security_group" "data" {
  name        = "DataGroup"
  description = "DataGroup"
  vpc_id      = aws_vpc.data.id

  ingress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }

  egress {
    protocol         = "-1"
    from_port        = 0
    to_port          = 0
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }

  tags = { Name = "DataGroup" }
}

resource "aws_vpn_gateway" "data" {
  vpc_id = aws_vpc.data.id
  tags   = { Name = "dataVpnGateway" }
}

resource "aws_vpn_gateway" "main" {
  vpc_id = aws_vpc.main.id
  tags   = { Name = "myVpnGateway" }
}

resource "aws_customer_gateway" "backup" {
  bgp_asn    = "65000"
  ip_address = "198.51.100.1"
  type       = "ipsec.1"
  tags       = { Name = "backupRouter" }
}

resource "aws_vpn_connection" "backup" {
  vpn_gateway_id      = aws_vpn_gateway.main.id
  customer_gateway_id = aws_customer_gateway.backup.id
  type                = "ipsec.1"
  tags                = { Name = "backupVPN" }
}

resource "aws_route_table" "data" {
  vpc_id           = aws_vpc.data.id
  propagating_vgws = [aws_vpn_gateway.data.id]
  tags             = { Name = "dataRouteTable" }
}

resource "aws_route_table_association" "data" {
  subnet_id      = aws_subnet.data.id
  route_table_id = aws_route_table.data.id
}

resource "aws_route_table" "main" {
  vpc_id           = aws_vpc.main.id
  propagating_vgws = [aws_vpn_gateway.main.id]
  tags             = { Name = "myRouteTable" }
}

resource "aws_route_table_association" "main" {
  subnet_id      = aws_subnet.main.id
  route_table_id = aws_route_table.main.id
}

resource "aws_instance" "app" {
  ami                    = "ami-0f2c9a4fe5edc5bd3"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.main.id
  private_ip             = "10.0.0.10"
  vpc_security_group_ids = [aws_security_group.app.id]
  tags                   = { Name = "AppServer" }
}

resource "aws_instance" "database" {
  ami                    = "ami-0f2c9a4fe5edc5bd3"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.data.id
  private_ip             = "10.1.0.10"
  vpc_security_group_ids = [aws_security_group.data.id]
  tags                   = { Name = "Database" }
}

resource "aws_dx_gateway" "main" {
  name            = "myDirectConnectGateway"
  amazon_side_asn = "64512"
}

resource "aws_dx_gateway_association" "my" {
  dx_gateway_id         = aws_dx_gateway.main.id
  associated_gateway_id = aws_vpn_gateway.main.id
  allowed_prefixes      = ["10.0.0.0/16"]
}

resource "aws_dx_gateway_association" "data" {
  dx_gateway_id         = aws_dx_gateway.main.id
  associated_gateway_id = aws_vpn_gateway.data.id
  allowed_prefixes      = ["10.0.0.0/8"]
}

resource "aws_dx_private_virtual_interface" "private" {
  connection_id  = "dxcon-01234567"
  name           = "privateInterface"
  vlan           = 100
  address_family = "ipv4"
  bgp_asn        = 65000
  dx_gateway_id  = aws_dx_gateway.main.id
  tags           = { Name = "privateInterface" }
}

resource "aws_dx_public_virtual_interface" "public" {
  connection_id         = "dxcon-01234567"
  name                  = "publicInterface"
  vlan                  = 200
  address_family        = "ipv4"
  bgp_asn               = 65000
  customer_address      = "203.0.113.1/30"
  amazon_address        = "203.0.113.2/30"
  route_filter_prefixes = ["203.0.113.0/24"]
  tags                  = { Name = "publicInterface" }
}
