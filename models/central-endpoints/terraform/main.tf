terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "us-east-1"
}

resource "aws_vpc" "app" {
  cidr_block           = "10.1.0.0/16"
  enable_dns_hostnames = true
  tags                 = { Name = "appVPC" }
}

resource "aws_vpc" "hub" {
  cidr_block           = "10.0.0.0/16"
  enable_dns_hostnames = true
  tags                 = { Name = "hubVPC" }
}

resource "aws_vpc" "other" {
  cidr_block           = "10.2.0.0/16"
  enable_dns_hostnames = true
  tags                 = { Name = "otherVPC" }
}

resource "aws_subnet" "app" {
  vpc_id            = aws_vpc.app.id
  cidr_block        = "10.1.1.0/24"
  availability_zone = "us-east-1a"
  tags              = { Name = "appSubnet" }
}

resource "aws_subnet" "hub" {
  vpc_id            = aws_vpc.hub.id
  cidr_block        = "10.0.1.0/24"
  availability_zone = "us-east-1a"
  tags              = { Name = "hubSubnet" }
}

resource "aws_subnet" "other" {
  vpc_id            = aws_vpc.other.id
  cidr_block        = "10.2.1.0/24"
  availability_zone = "us-east-1a"
  tags              = { Name = "otherSubnet" }
}

resource "aws_security_group" "vpc_endpoint" {
  name        = "VPCEndpointSecurityGroup"
  description = "VPCEndpointSecurityGroup"
  vpc_id      = aws_vpc.hub.id

  ingress {
    protocol    = "6"
    from_port   = 443
    to_port     = 443
    cidr_blocks = ["10.0.0.0/8"]
  }

  egress {
    protocol         = "-1"
    from_port        = 0
    to_port          = 0
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }

  tags = { Name = "VPCEndpointSecurityGroup" }
}

resource "aws_ec2_transit_gateway" "main" {
  tags = { Name = "myTransitGateway" }
}

resource "aws_ec2_transit_gateway_vpc_attachment" "app" {
  transit_gateway_id = aws_ec2_transit_gateway.main.id
  vpc_id             = aws_vpc.app.id
  subnet_ids         = [aws_subnet.app.id]
  tags               = { Name = "appAttachment" }
}

resource "aws_ec2_transit_gateway_vpc_attachment" "hub" {
  transit_gateway_id = aws_ec2_transit_gateway.main.id
  vpc_id             = aws_vpc.hub.id
  subnet_ids         = [aws_subnet.hub.id]
  tags               = { Name = "hubAttachment" }
}

resource "aws_ec2_transit_gateway_vpc_attachment" "other" {
  transit_gateway_id = aws_ec2_transit_gateway.main.id
  vpc_id             = aws_vpc.other.id
  subnet_ids         = [aws_subnet.other.id]
  tags               = { Name = "otherAttachment" }
}

resource "aws_route_table" "app" {
  vpc_id = aws_vpc.app.id

  route {
    cidr_block         = "10.0.0.0/16"
    transit_gateway_id = aws_ec2_transit_gateway.main.id
  }

  tags = { Name = "appRouteTable" }
}

resource "aws_route_table_association" "app" {
  subnet_id      = aws_subnet.app.id
  route_table_id = aws_route_table.app.id
}

resource "aws_route_table" "hub" {
  vpc_id = aws_vpc.hub.id

  route {
    cidr_block         = "10.0.0.0/8"
    transit_gateway_id = aws_ec2_transit_gateway.main.id
  }

  tags = { Name = "hubRouteTable" }
}

resource "aws_route_table_association" "hub" {
  subnet_id      = aws_subnet.hub.id
  route_table_id = aws_route_table.hub.id
}

resource "aws_route_table" "other" {
  vpc_id = aws_vpc.other.id

  route {
    cidr_block         = "10.0.0.0/16"
    transit_gateway_id = aws_ec2_transit_gateway.main.id
  }

  tags = { Name = "otherRouteTable" }
}

resource "aws_route_table_association" "other" {
  subnet_id      = aws_subnet.other.id
  route_table_id = aws_route_table.other.id
}

resource "aws_instance" "app" {
  ami           = "ami-0f2c9a4fe5edc5bd3"
  instance_type = "t3.micro"
  subnet_id     = aws_subnet.app.id
  private_ip    = "10.1.1.10"
  tags          = { Name = "AppServer" }
}

resource "aws_instance" "other" {
  ami           = "ami-0f2c9a4fe5edc5bd3"
  instance_type = "t3.micro"
  subnet_id     = aws_subnet.other.id
  private_ip    = "10.2.1.10"
  tags          = { Name = "OtherServer" }
}

resource "aws_vpc_endpoint" "sqs" {
  vpc_id              = aws_vpc.hub.id
  service_name        = "com.amazonaws.us-east-1.sqs"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = [aws_subnet.hub.id]
  security_group_ids  = [aws_security_group.vpc_endpoint.id]
  private_dns_enabled = false
  tags                = { Name = "SQSVPCEndpoint" }
}

resource "aws_route53_zone" "shared" {
  name = "sqs.us-east-1.amazonaws.com"

  vpc {
    vpc_id = aws_vpc.hub.id
  }

  vpc {
    vpc_id = aws_vpc.app.id
  }

  tags = { Name = "sharedZone" }
}

resource "aws_route53_record" "shared" {
  zone_id = aws_route53_zone.shared.zone_id
  name    = "sqs.us-east-1.amazonaws.com"
  type    = "A"

  alias {
    name                   = aws_vpc_endpoint.sqs.dns_entry[0].dns_name
    zone_id                = aws_vpc_endpoint.sqs.dns_entry[0].hosted_zone_id
    evaluate_target_health = false
  }
}
