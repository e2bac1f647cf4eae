variable "name" { type = string }
variable "cidr" { type = string }
variable "transit_gateway_id" { type = string }

resource "aws_vpc" "this" {
  cidr_block = var.cidr
  tags       = { Name = "${var.name}VPC" }
}

resource "aws_subnet" "this" {
  vpc_id            = aws_vpc.this.id
  cidr_block        = cidrsubnet(var.cidr, 8, 1)
  availability_zone = "us-east-1a"
  tags              = { Name = "${var.name}Subnet" }
}

resource "aws_ec2_transit_gateway_vpc_attachment" "this" {
  transit_gateway_id = var.transit_gateway_id
  vpc_id             = aws_vpc.this.id
  subnet_ids         = [aws_subnet.this.id]
  tags               = { Name = "${var.name}Attachment" }
}

resource "aws_route_table" "this" {
  vpc_id = aws_vpc.this.id
  tags   = { Name = "${var.name}RouteTable" }
}

resource "aws_route" "out" {
  route_table_id         = aws_route_table.this.id
  destination_cidr_block = "0.0.0.0/0"
  transit_gateway_id     = var.transit_gateway_id
  depends_on             = [aws_ec2_transit_gateway_vpc_attachment.this]
}

resource "aws_route_table_association" "this" {
  subnet_id      = aws_subnet.this.id
  route_table_id = aws_route_table.this.id
}

resource "aws_security_group" "this" {
  name        = "${title(var.name)}Group"
  description = "${title(var.name)}Group"
  vpc_id      = aws_vpc.this.id
  tags        = { Name = "${title(var.name)}Group" }
}

resource "aws_security_group_rule" "out" {
  type              = "egress"
  security_group_id = aws_security_group.this.id
  protocol          = "-1"
  from_port         = 0
  to_port           = 0
  cidr_blocks       = ["0.0.0.0/0"]
  ipv6_cidr_blocks  = ["::/0"]
}

output "attachment_id" { value = aws_ec2_transit_gateway_vpc_attachment.this.id }
output "subnet_id" { value = aws_subnet.this.id }
output "group_id" { value = aws_security_group.this.id }
