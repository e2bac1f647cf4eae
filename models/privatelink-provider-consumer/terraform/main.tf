terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "us-east-1"
}

resource "aws_vpc" "consumer" {
  cidr_block           = "10.0.0.0/16"
  enable_dns_hostnames = true
  tags                 = { Name = "consumerVPC" }
}

resource "aws_vpc" "provider" {
  cidr_block           = "10.0.0.0/16"
  enable_dns_hostnames = true
  tags                 = { Name = "providerVPC" }
}

resource "aws_subnet" "consumer" {
  vpc_id            = aws_vpc.consumer.id
  cidr_block        = "10.0.0.0/24"
  availability_zone = "us-east-1a"
  tags              = { Name = "consumerSubnet" }
}

resource "aws_subnet" "provider" {
  count = 2

  vpc_id            = aws_vpc.provider.id
  cidr_block        = "10.0.${count.index}.0/24"
  availability_zone = ["us-east-1a", "us-east-1b"][count.index]
  tags              = { Name = ["providerSubnetA", "providerSubnetB"][count.index] }
}

resource "aws_security_group" "app" {
  name        = "AppGroup"
  description = "AppGroup"
  vpc_id      = aws_vpc.consumer.id
  tags        = { Name = "AppGroup" }
}

resource "aws_security_group" "endpoint" {
  name        = "EndpointGroup"
  description = "EndpointGroup"
  vpc_id      = aws_vpc.consumer.id
  tags        = { Name = "EndpointGroup" }
}

resource "aws_security_group" "balancer" {
  name        = "BalancerGroup"
  description = "BalancerGroup"
  vpc_id      = aws_vpc.provider.id
  tags        = { Name = "BalancerGroup" }
}

resource "aws_security_group" "api" {
  name        = "ApiGroup"
  description = "ApiGroup"
  vpc_id      = aws_vpc.provider.id
  tags        = { Name = "ApiGroup" }
}

resource "aws_vpc_security_group_egress_rule" "out" {
  for_each = {
    app      = aws_security_group.app.id
    endpoint = aws_security_group.endpoint.id
    balancer = aws_security_group.balancer.id
    api      = aws_security_group.api.id
  }

  security_group_id = each.value
  ip_protocol       = "-1"
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_vpc_security_group_egress_rule" "out_ipv6" {
  for_each = {
    app      = aws_security_group.app.id
    endpoint = aws_security_group.endpoint.id
    balancer = aws_security_group.balancer.id
    api      = aws_security_group.api.id
  }

  security_group_id = each.value
  ip_protocol       = "-1"
  cidr_ipv6         = "::/0"
}

resource "aws_vpc_security_group_ingress_rule" "endpoint" {
  security_group_id            = aws_security_group.endpoint.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  referenced_security_group_id = aws_security_group.app.id
}

resource "aws_vpc_security_group_ingress_rule" "balancer" {
  security_group_id = aws_security_group.balancer.id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "10.0.0.0/16"
}

resource "aws_vpc_security_group_ingress_rule" "api" {
  security_group_id            = aws_security_group.api.id
  ip_protocol                  = "tcp"
  from_port                    = 8443
  to_port                      = 8443
  referenced_security_group_id = aws_security_group.balancer.id
}

resource "aws_instance" "app" {
  ami                    = "ami-0f2c9a4fe5edc5bd3"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.consumer.id
  private_ip             = "10.0.0.10"
  vpc_security_group_ids = [aws_security_group.app.id]
  tags                   = { Name = "AppServer" }
}

resource "aws_instance" "api" {
  count = 2

  ami                    = "ami-0f2c9a4fe5edc5bd3"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.provider[count.index].id
  private_ip             = "10.0.${count.index}.20"
  vpc_security_group_ids = [aws_security_group.api.id]
  tags                   = { Name = "ApiServer${count.index + 1}" }
}

resource "aws_lb" "api" {
  name                             = "ApiBalancer"
  load_balancer_type               = "network"
  internal                         = true
  enable_cross_zone_load_balancing = true
  subnets                          = aws_subnet.provider[*].id
  security_groups                  = [aws_security_group.balancer.id]
  tags                             = { Name = "ApiBalancer" }
}

resource "aws_lb_target_group" "api" {
  name     = "api-servers"
  protocol = "TCP"
  port     = 8443
  vpc_id   = aws_vpc.provider.id
  tags     = { Name = "ApiServers" }
}

resource "aws_lb_target_group_attachment" "api" {
  count = 2

  target_group_arn = aws_lb_target_group.api.arn
  target_id        = aws_instance.api[count.index].id
}

resource "aws_lb_listener" "api" {
  load_balancer_arn = aws_lb.api.arn
  port              = 443
  protocol          = "TCP"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.api.arn
  }

  tags = { Name = "ApiBalancer/listener-443" }
}

resource "aws_vpc_endpoint_service" "api" {
  acceptance_required        = true
  network_load_balancer_arns = [aws_lb.api.arn]
  private_dns_name           = "api.partner.example"
  tags                       = { Name = "ApiService" }
}

resource "aws_vpc_endpoint_service_private_dns_verification" "api" {
  service_id            = aws_vpc_endpoint_service.api.id
  wait_for_verification = true
}

resource "aws_vpc_endpoint" "api" {
  vpc_id              = aws_vpc.consumer.id
  service_name        = aws_vpc_endpoint_service.api.service_name
  vpc_endpoint_type   = "Interface"
  subnet_ids          = [aws_subnet.consumer.id]
  security_group_ids  = [aws_security_group.endpoint.id]
  private_dns_enabled = true
  tags                = { Name = "ApiEndpoint" }
}

resource "aws_vpc_endpoint_connection_accepter" "api" {
  vpc_endpoint_service_id = aws_vpc_endpoint_service.api.id
  vpc_endpoint_id         = aws_vpc_endpoint.api.id
}
