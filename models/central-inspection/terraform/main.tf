terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "us-east-1"
}

resource "aws_vpc" "app" {
  cidr_block = "10.1.0.0/16"
  tags       = { Name = "appVPC" }
}

resource "aws_vpc" "data" {
  cidr_block = "10.2.0.0/16"
  tags       = { Name = "dataVPC" }
}

resource "aws_vpc" "inspection" {
  cidr_block = "10.0.0.0/16"
  tags       = { Name = "inspectionVPC" }
}

resource "aws_subnet" "app" {
  vpc_id            = aws_vpc.app.id
  cidr_block        = "10.1.1.0/24"
  availability_zone = "us-east-1a"
  tags              = { Name = "appSubnet" }
}

resource "aws_subnet" "app_subnet_b" {
  vpc_id            = aws_vpc.app.id
  cidr_block        = "10.1.2.0/24"
  availability_zone = "us-east-1b"
  tags              = { Name = "appSubnetB" }
}

resource "aws_subnet" "appliance_subnet_a" {
  vpc_id            = aws_vpc.inspection.id
  cidr_block        = "10.0.1.0/24"
  availability_zone = "us-east-1a"
  tags              = { Name = "applianceSubnetA" }
}

resource "aws_subnet" "appliance_subnet_b" {
  vpc_id            = aws_vpc.inspection.id
  cidr_block        = "10.0.2.0/24"
  availability_zone = "us-east-1b"
  tags              = { Name = "applianceSubnetB" }
}

resource "aws_subnet" "attachment_subnet_a" {
  vpc_id            = aws_vpc.inspection.id
  cidr_block        = "10.0.0.0/28"
  availability_zone = "us-east-1a"
  tags              = { Name = "attachmentSubnetA" }
}

resource "aws_subnet" "attachment_subnet_b" {
  vpc_id            = aws_vpc.inspection.id
  cidr_block        = "10.0.0.16/28"
  availability_zone = "us-east-1b"
  tags              = { Name = "attachmentSubnetB" }
}

resource "aws_subnet" "data" {
  vpc_id            = aws_vpc.data.id
  cidr_block        = "10.2.1.0/24"
  availability_zone = "us-east-1a"
  tags              = { Name = "dataSubnet" }
}

resource "aws_subnet" "data_subnet_b" {
  vpc_id            = aws_vpc.data.id
  cidr_block        = "10.2.2.0/24"
  availability_zone = "us-east-1b"
  tags              = { Name = "dataSubnetB" }
}

resource "aws_security_group" "app" {
  name        = "AppGroup"
  description = "AppGroup"
  vpc_id      = aws_vpc.app.id

  egress {
    protocol         = "-1"
    from_port        = 0
    to_port          = 0
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }

  tags = { Name = "AppGroup" }
}

resource "aws_security_group" "appliance" {
  name        = "ApplianceGroup"
  description = "ApplianceGroup"
  vpc_id      = aws_vpc.inspection.id

  ingress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["10.0.0.0/8"]
  }

  egress {
    protocol         = "-1"
    from_port        = 0
    to_port          = 0
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }

  tags = { Name = "ApplianceGroup" }
}

resource "aws_security_group" "data" {
  name        = "DataGroup"
  description = "DataGroup"
  vpc_id      = aws_vpc.data.id

  ingress {
    protocol    = "6"
    from_port   = 5432
    to_port     = 5432
    cidr_blocks = ["10.1.0.0/16"]
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

resource "aws_ec2_transit_gateway" "main" {
  default_route_table_association = "disable"
  default_route_table_propagation = "disable"
  tags                            = { Name = "myTransitGateway" }
}

resource "aws_ec2_transit_gateway_vpc_attachment" "app" {
  transit_gateway_id = aws_ec2_transit_gateway.main.id
  vpc_id             = aws_vpc.app.id
  subnet_ids         = [aws_subnet.app.id, aws_subnet.app_subnet_b.id]
  tags               = { Name = "appAttachment" }
}

resource "aws_ec2_transit_gateway_vpc_attachment" "data" {
  transit_gateway_id = aws_ec2_transit_gateway.main.id
  vpc_id             = aws_vpc.data.id
  subnet_ids         = [aws_subnet.data.id, aws_subnet.data_subnet_b.id]
  tags               = { Name = "dataAttachment" }
}

resource "aws_ec2_transit_gateway_vpc_attachment" "inspection" {
  transit_gateway_id     = aws_ec2_transit_gateway.main.id
  vpc_id                 = aws_vpc.inspection.id
  subnet_ids             = [aws_subnet.attachment_subnet_a.id, aws_subnet.attachment_subnet_b.id]
  appliance_mode_support = "enable"
  tags                   = { Name = "inspectionAttachment" }
}

resource "aws_ec2_transit_gateway_route_table" "inspection" {
  transit_gateway_id = aws_ec2_transit_gateway.main.id
  tags               = { Name = "inspectionTable" }
}

resource "aws_ec2_transit_gateway_route_table_association" "inspection" {
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.inspection.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.inspection.id
}

resource "aws_ec2_transit_gateway_route_table_propagation" "app" {
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.app.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.inspection.id
}

resource "aws_ec2_transit_gateway_route_table_propagation" "data" {
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.data.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.inspection.id
}

resource "aws_ec2_transit_gateway_route_table" "spoke" {
  transit_gateway_id = aws_ec2_transit_gateway.main.id
  tags               = { Name = "spokeTable" }
}

resource "aws_ec2_transit_gateway_route_table_association" "app" {
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.app.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.spoke.id
}

resource "aws_ec2_transit_gateway_route_table_association" "data" {
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.data.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.spoke.id
}

resource "aws_ec2_transit_gateway_route" "spoke" {
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.spoke.id
  destination_cidr_block         = "0.0.0.0/0"
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.inspection.id
}

resource "aws_route_table" "app" {
  vpc_id = aws_vpc.app.id

  route {
    cidr_block         = "0.0.0.0/0"
    transit_gateway_id = aws_ec2_transit_gateway.main.id
  }

  tags = { Name = "appRouteTable" }
}

resource "aws_route_table_association" "app" {
  subnet_id      = aws_subnet.app.id
  route_table_id = aws_route_table.app.id
}

resource "aws_route_table_association" "app_subnet_b" {
  subnet_id      = aws_subnet.app_subnet_b.id
  route_table_id = aws_route_table.app.id
}

resource "aws_route_table" "appliance" {
  vpc_id = aws_vpc.inspection.id

  route {
    cidr_block         = "10.0.0.0/8"
    transit_gateway_id = aws_ec2_transit_gateway.main.id
  }

  tags = { Name = "applianceRouteTable" }
}

resource "aws_route_table_association" "appliance_subnet_a" {
  subnet_id      = aws_subnet.appliance_subnet_a.id
  route_table_id = aws_route_table.appliance.id
}

resource "aws_route_table_association" "appliance_subnet_b" {
  subnet_id      = aws_subnet.appliance_subnet_b.id
  route_table_id = aws_route_table.appliance.id
}

resource "aws_route_table" "attachment_route_table_a" {
  vpc_id = aws_vpc.inspection.id

  route {
    cidr_block           = "0.0.0.0/0"
    network_interface_id = aws_instance.appliance_a.primary_network_interface_id
  }

  tags = { Name = "attachmentRouteTableA" }
}

resource "aws_route_table_association" "attachment_subnet_a" {
  subnet_id      = aws_subnet.attachment_subnet_a.id
  route_table_id = aws_route_table.attachment_route_table_a.id
}

resource "aws_route_table" "attachment_route_table_b" {
  vpc_id = aws_vpc.inspection.id

  route {
    cidr_block           = "0.0.0.0/0"
    network_interface_id = aws_instance.appliance_b.primary_network_interface_id
  }

  tags = { Name = "attachmentRouteTableB" }
}

resource "aws_route_table_association" "attachment_subnet_b" {
  subnet_id      = aws_subnet.attachment_subnet_b.id
  route_table_id = aws_route_table.attachment_route_table_b.id
}

resource "aws_route_table" "data" {
  vpc_id = aws_vpc.data.id

  route {
    cidr_block         = "0.0.0.0/0"
    transit_gateway_id = aws_ec2_transit_gateway.main.id
  }

  tags = { Name = "dataRouteTable" }
}

resource "aws_route_table_association" "data" {
  subnet_id      = aws_subnet.data.id
  route_table_id = aws_route_table.data.id
}

resource "aws_route_table_association" "data_subnet_b" {
  subnet_id      = aws_subnet.data_subnet_b.id
  route_table_id = aws_route_table.data.id
}

resource "aws_instance" "app" {
  ami                    = "ami-0f2c9a4fe5edc5bd3"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.app.id
  private_ip             = "10.1.1.10"
  vpc_security_group_ids = [aws_security_group.app.id]
  tags                   = { Name = "AppServer" }
}

resource "aws_instance" "appliance_a" {
  ami                    = "ami-0f2c9a4fe5edc5bd3"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.appliance_subnet_a.id
  private_ip             = "10.0.1.20"
  vpc_security_group_ids = [aws_security_group.appliance.id]
  source_dest_check      = false
  tags                   = { Name = "ApplianceA" }
}

resource "aws_instance" "appliance_b" {
  ami                    = "ami-0f2c9a4fe5edc5bd3"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.appliance_subnet_b.id
  private_ip             = "10.0.2.20"
  vpc_security_group_ids = [aws_security_group.appliance.id]
  source_dest_check      = false
  tags                   = { Name = "ApplianceB" }
}

resource "aws_instance" "database" {
  ami                    = "ami-0f2c9a4fe5edc5bd3"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.data.id
  private_ip             = "10.2.1.10"
  vpc_security_group_ids = [aws_security_group.data.id]
  tags                   = { Name = "Database" }
}

resource "aws_instance" "database_b" {
  ami                    = "ami-0f2c9a4fe5edc5bd3"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.data_subnet_b.id
  private_ip             = "10.2.2.10"
  vpc_security_group_ids = [aws_security_group.data.id]
  tags                   = { Name = "DatabaseB" }
}
