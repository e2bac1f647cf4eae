terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "us-east-1"
}

resource "aws_vpc" "main" {
  cidr_block           = "10.0.0.0/16"
  enable_dns_hostnames = true
  tags                 = { Name = "myVPC" }
}

resource "aws_subnet" "main" {
  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.0.0.0/24"
  availability_zone = "us-east-1a"
  tags              = { Name = "mySubnet" }
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
  tags   = { Name = "myInternetGateway" }
}

resource "aws_route_table" "main" {
  vpc_id = aws_vpc.main.id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.main.id
  }

  tags = { Name = "myRouteTable" }
}

resource "aws_route_table_association" "main" {
  subnet_id      = aws_subnet.main.id
  route_table_id = aws_route_table.main.id
}

resource "aws_iam_role" "app" {
  name               = "AppServerRole"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
  tags               = { Name = "AppServerRole" }
}

resource "aws_iam_role_policy_attachment" "session_manager" {
  role       = aws_iam_role.app.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
}

resource "aws_iam_role_policy" "queues" {
  name   = "allow"
  role   = aws_iam_role.app.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sqs:*", Resource = "*" }] })
}

resource "aws_iam_instance_profile" "app" {
  name = "AppServerProfile"
  role = aws_iam_role.app.name
  tags = { Name = "AppServer/instance-profile" }
}

resource "aws_iam_instance_profile" "private" {
  name = "PrivateServerProfile"
  role = aws_iam_role.app.name
  tags = { Name = "PrivateServer/instance-profile" }
}

resource "aws_instance" "app" {
  ami                         = "ami-0f2c9a4fe5edc5bd3"
  instance_type               = "t3.micro"
  subnet_id                   = aws_subnet.main.id
  associate_public_ip_address = true
  iam_instance_profile        = aws_iam_instance_profile.app.name
  tags                        = { Name = "AppServer" }
}

resource "aws_instance" "private" {
  ami                  = "ami-0f2c9a4fe5edc5bd3"
  instance_type        = "t3.micro"
  subnet_id            = aws_subnet.main.id
  iam_instance_profile = aws_iam_instance_profile.private.name
  tags                 = { Name = "PrivateServer" }
}

resource "aws_sqs_queue" "tests" {
  name = "FilaTeste"
  tags = { Name = "FilaTeste" }
}
