variable "name" { type = string }
variable "vpc_id" { type = string }
variable "subnets" { type = map(string) }

variable "way_out" {
  type    = string
  default = "none"
}

variable "gateway" {
  type    = string
  default = null
}

variable "nat" {
  type    = string
  default = null
}

resource "aws_route_table" "this" {
  vpc_id = var.vpc_id
  tags   = { Name = var.name }
}

resource "aws_route_table_association" "this" {
  for_each = var.subnets

  subnet_id      = each.value
  route_table_id = aws_route_table.this.id
}

resource "aws_route" "internet" {
  count = var.way_out == "internet" ? 1 : 0

  route_table_id         = aws_route_table.this.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = var.gateway
}

resource "aws_route" "nat" {
  count = var.way_out == "nat" ? 1 : 0

  route_table_id         = aws_route_table.this.id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = var.nat
}
