terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-west-1"
}

provider "aws" {
  alias  = "far"
  region = "us-west-2"
}

# the VPC and what stands in it

resource "aws_vpc" "main" {
  cidr_block                       = "10.0.0.0/16"
  enable_dns_hostnames             = true
  assign_generated_ipv6_cidr_block = true
}

resource "aws_vpc" "peer" {
  cidr_block           = "10.1.0.0/16"
  enable_dns_hostnames = true
}

resource "aws_vpc_ipv4_cidr_block_association" "more" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.2.0.0/16"
}

resource "aws_default_route_table" "main" {
  default_route_table_id = aws_vpc.main.default_route_table_id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.main.id
  }
}

resource "aws_default_security_group" "main" {
  vpc_id = aws_vpc.main.id

  ingress {
    protocol  = "-1"
    from_port = 0
    to_port   = 0
    self      = true
  }
}

resource "aws_default_network_acl" "main" {
  default_network_acl_id = aws_vpc.main.default_network_acl_id

  ingress {
    protocol   = "-1"
    rule_no    = 100
    action     = "allow"
    cidr_block = "0.0.0.0/0"
    from_port  = 0
    to_port    = 0
  }

  egress {
    protocol   = "icmp"
    rule_no    = 100
    action     = "deny"
    cidr_block = "0.0.0.0/0"
    from_port  = 0
    to_port    = 0
    icmp_type  = 8
    icmp_code  = -1
  }
}

resource "aws_subnet" "a" {
  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.0.1.0/24"
  availability_zone = "eu-west-1a"
}

resource "aws_subnet" "b" {
  vpc_id                                      = aws_vpc.main.id
  cidr_block                                  = "10.0.2.0/24"
  availability_zone                           = "eu-west-1b"
  private_dns_hostname_type_on_launch         = "resource-name"
  enable_resource_name_dns_a_record_on_launch = true
}

resource "aws_subnet" "peer" {
  vpc_id            = aws_vpc.peer.id
  cidr_block        = "10.1.1.0/24"
  availability_zone = "eu-west-1a"
}

resource "aws_vpc_dhcp_options" "main" {
  domain_name         = "corp.example"
  domain_name_servers = ["10.0.1.53", "AmazonProvidedDNS"]
}

resource "aws_vpc_dhcp_options_association" "main" {
  vpc_id          = aws_vpc.main.id
  dhcp_options_id = aws_vpc_dhcp_options.main.id
}

resource "aws_network_acl" "b" {
  vpc_id = aws_vpc.main.id
}

resource "aws_network_acl_rule" "b" {
  network_acl_id = aws_network_acl.b.id
  rule_number    = 100
  protocol       = "udp"
  rule_action    = "allow"
  cidr_block     = "10.0.0.0/8"
  from_port      = 53
  to_port        = 53
}

resource "aws_network_acl_association" "b" {
  network_acl_id = aws_network_acl.b.id
  subnet_id      = aws_subnet.b.id
}

resource "aws_security_group" "app" {
  name   = "app"
  vpc_id = aws_vpc.main.id
}

resource "aws_security_group_rule" "several" {
  type              = "egress"
  security_group_id = aws_security_group.app.id
  protocol          = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_blocks       = ["10.0.0.0/16", "10.1.0.0/16"]
  prefix_list_ids   = [aws_ec2_managed_prefix_list.offices.id]
}

resource "aws_vpc_security_group_ingress_rule" "list" {
  security_group_id = aws_security_group.app.id
  ip_protocol       = "tcp"
  from_port         = 22
  to_port           = 22
  prefix_list_id    = aws_ec2_managed_prefix_list.offices.id
}

resource "aws_vpc_security_group_egress_rule" "ping" {
  security_group_id = aws_security_group.app.id
  ip_protocol       = "icmp"
  from_port         = 8
  to_port           = -1
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_ec2_managed_prefix_list" "offices" {
  name           = "offices"
  address_family = "IPv4"
  max_entries    = 5

  entry {
    cidr = "192.168.0.0/24"
  }
}

resource "aws_ec2_managed_prefix_list_entry" "more" {
  prefix_list_id = aws_ec2_managed_prefix_list.offices.id
  cidr           = "192.168.1.0/24"
}

resource "aws_route_table" "b" {
  vpc_id           = aws_vpc.main.id
  propagating_vgws = [aws_vpn_gateway.main.id]
}

resource "aws_route_table" "peer" {
  vpc_id = aws_vpc.peer.id
}

resource "aws_main_route_table_association" "peer" {
  vpc_id         = aws_vpc.peer.id
  route_table_id = aws_route_table.peer.id
}

resource "aws_route_table_association" "b" {
  subnet_id      = aws_subnet.b.id
  route_table_id = aws_route_table.b.id
}

resource "aws_route" "nat" {
  route_table_id         = aws_route_table.b.id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.main.id
}

resource "aws_route" "peer" {
  route_table_id            = aws_route_table.b.id
  destination_cidr_block    = "10.1.0.0/16"
  vpc_peering_connection_id = aws_vpc_peering_connection.main.id
}

resource "aws_route" "hub" {
  route_table_id             = aws_route_table.b.id
  destination_prefix_list_id = aws_ec2_managed_prefix_list.offices.id
  transit_gateway_id         = aws_ec2_transit_gateway.main.id
}

resource "aws_route" "interface" {
  route_table_id         = aws_route_table.b.id
  destination_cidr_block = "172.16.0.0/12"
  network_interface_id   = aws_network_interface.appliance.id
}

resource "aws_route" "six" {
  route_table_id              = aws_route_table.b.id
  destination_ipv6_cidr_block = "::/0"
  egress_only_gateway_id      = aws_egress_only_internet_gateway.main.id
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_internet_gateway" "peer" {}

resource "aws_internet_gateway_attachment" "peer" {
  internet_gateway_id = aws_internet_gateway.peer.id
  vpc_id              = aws_vpc.peer.id
}

resource "aws_egress_only_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_eip" "nat" {
  domain = "vpc"
}

resource "aws_nat_gateway" "main" {
  subnet_id     = aws_subnet.a.id
  allocation_id = aws_eip.nat.allocation_id
}

resource "aws_vpc_peering_connection" "main" {
  vpc_id      = aws_vpc.main.id
  peer_vpc_id = aws_vpc.peer.id
  auto_accept = true

  accepter {
    allow_remote_vpc_dns_resolution = true
  }
}

resource "aws_vpc_peering_connection_options" "main" {
  vpc_peering_connection_id = aws_vpc_peering_connection.main.id

  requester {
    allow_remote_vpc_dns_resolution = true
  }
}

resource "aws_vpc_block_public_access_options" "main" {
  internet_gateway_block_mode = "block-ingress"
}

resource "aws_vpc_block_public_access_exclusion" "peer" {
  vpc_id                          = aws_vpc.peer.id
  internet_gateway_exclusion_mode = "allow-bidirectional"
}

resource "aws_ec2_instance_connect_endpoint" "main" {
  subnet_id          = aws_subnet.a.id
  security_group_ids = [aws_security_group.app.id]
  preserve_client_ip = false
}

# what computes

resource "aws_network_interface" "appliance" {
  subnet_id         = aws_subnet.a.id
  private_ips       = ["10.0.1.20", "10.0.1.21"]
  source_dest_check = false
}

resource "aws_network_interface_attachment" "appliance" {
  instance_id          = aws_instance.appliance.id
  network_interface_id = aws_network_interface.appliance.id
  device_index         = 1
}

resource "aws_network_interface_sg_attachment" "appliance" {
  security_group_id    = aws_security_group.app.id
  network_interface_id = aws_network_interface.appliance.id
}

resource "aws_eip" "appliance" {
  domain = "vpc"
}

resource "aws_eip_association" "appliance" {
  allocation_id        = aws_eip.appliance.id
  network_interface_id = aws_network_interface.appliance.id
  private_ip_address   = "10.0.1.21"
}

resource "aws_instance" "appliance" {
  ami           = "ami-0f2c9a4fe5edc5bd3"
  instance_type = "t3.micro"
  subnet_id     = aws_subnet.a.id
}

resource "aws_instance" "app" {
  ami                    = "ami-0f2c9a4fe5edc5bd3"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.b.id
  vpc_security_group_ids = [aws_security_group.app.id]
  iam_instance_profile   = aws_iam_instance_profile.app.name

  private_dns_name_options {
    hostname_type                     = "resource-name"
    enable_resource_name_dns_a_record = true
  }
}

resource "aws_launch_template" "worker" {
  name                   = "worker"
  image_id               = "ami-0f2c9a4fe5edc5bd3"
  instance_type          = "t3.micro"
  vpc_security_group_ids = [aws_security_group.app.id]

  iam_instance_profile {
    name = aws_iam_instance_profile.app.name
  }
}

resource "aws_launch_template" "edge" {
  name          = "edge"
  image_id      = "ami-0f2c9a4fe5edc5bd3"
  instance_type = "t3.micro"

  network_interfaces {
    associate_public_ip_address = true
    subnet_id                   = aws_subnet.a.id
    security_groups             = [aws_security_group.app.id]
  }
}

resource "aws_instance" "worker" {
  subnet_id = aws_subnet.b.id

  launch_template {
    id = aws_launch_template.worker.id
  }
}

resource "aws_instance" "edge" {
  launch_template {
    name = aws_launch_template.edge.name
  }
}

resource "aws_iam_policy" "queues" {
  name   = "queues"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sqs:*", Resource = "*" }] })
}

resource "aws_iam_role" "app" {
  name               = "app"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [] })

  inline_policy {
    name   = "topics"
    policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sns:*", Resource = "*" }] })
  }
}

resource "aws_iam_role_policy_attachment" "queues" {
  role       = aws_iam_role.app.name
  policy_arn = aws_iam_policy.queues.arn
}

resource "aws_iam_instance_profile" "app" {
  name = "app"
  role = aws_iam_role.app.name
}

resource "aws_sqs_queue" "jobs" {
  name = "jobs"
}

resource "aws_sqs_queue_policy" "jobs" {
  queue_url = aws_sqs_queue.jobs.url
  policy    = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Principal = "*", Action = "sqs:*", Resource = "*" }] })
}

resource "aws_lambda_function" "job" {
  function_name = "job"
  role          = aws_iam_role.app.arn
  handler       = "job.run"
  runtime       = "python3.13"
  s3_bucket     = "example-code"
  s3_key        = "job.zip"

  vpc_config {
    subnet_ids         = [aws_subnet.a.id, aws_subnet.b.id]
    security_group_ids = [aws_security_group.app.id]
  }
}

resource "aws_ecs_service" "web" {
  name            = "web"
  cluster         = "main"
  task_definition = aws_ecs_task_definition.web.arn
  launch_type     = "FARGATE"

  network_configuration {
    subnets          = [aws_subnet.a.id]
    security_groups  = [aws_security_group.app.id]
    assign_public_ip = true
  }
}

resource "aws_db_subnet_group" "data" {
  name       = "data"
  subnet_ids = [aws_subnet.a.id, aws_subnet.b.id]
}

resource "aws_db_instance" "data" {
  identifier             = "data"
  engine                 = "postgres"
  instance_class         = "db.t4g.micro"
  allocated_storage      = 20
  username               = "postgres"
  password               = "not-a-real-password"
  db_subnet_group_name   = aws_db_subnet_group.data.name
  vpc_security_group_ids = [aws_security_group.app.id]
  skip_final_snapshot    = true
}

resource "aws_rds_cluster" "orders" {
  cluster_identifier     = "orders"
  engine                 = "aurora-postgresql"
  master_username        = "postgres"
  master_password        = "not-a-real-password"
  db_subnet_group_name   = aws_db_subnet_group.data.name
  vpc_security_group_ids = [aws_security_group.app.id]
  skip_final_snapshot    = true
}

resource "aws_rds_cluster_instance" "orders" {
  cluster_identifier = aws_rds_cluster.orders.id
  engine             = aws_rds_cluster.orders.engine
  instance_class     = "db.r6g.large"
}

resource "aws_db_proxy" "orders" {
  name                   = "orders"
  engine_family          = "POSTGRESQL"
  role_arn               = aws_iam_role.app.arn
  vpc_subnet_ids         = [aws_subnet.a.id, aws_subnet.b.id]
  vpc_security_group_ids = [aws_security_group.app.id]

  auth {
    secret_arn = aws_secretsmanager_secret.password.arn
  }
}

resource "aws_db_proxy_default_target_group" "orders" {
  db_proxy_name = aws_db_proxy.orders.name
}

resource "aws_db_proxy_target" "orders" {
  db_proxy_name         = aws_db_proxy.orders.name
  target_group_name     = aws_db_proxy_default_target_group.orders.name
  db_cluster_identifier = aws_rds_cluster.orders.cluster_identifier
}

resource "aws_efs_file_system" "shared" {}

resource "aws_efs_mount_target" "shared" {
  file_system_id  = aws_efs_file_system.shared.id
  subnet_id       = aws_subnet.a.id
  ip_address      = "10.0.1.30"
  security_groups = [aws_security_group.app.id]
}

resource "aws_eks_cluster" "main" {
  name     = "main"
  role_arn = aws_iam_role.app.arn

  vpc_config {
    subnet_ids              = [aws_subnet.a.id, aws_subnet.b.id]
    security_group_ids      = [aws_security_group.app.id]
    endpoint_private_access = true
    endpoint_public_access  = false
  }
}

resource "aws_eks_node_group" "main" {
  cluster_name    = aws_eks_cluster.main.name
  node_group_name = "main"
  node_role_arn   = aws_iam_role.app.arn
  subnet_ids      = [aws_subnet.a.id]

  scaling_config {
    desired_size = 1
    max_size     = 1
    min_size     = 1
  }
}

# endpoints and services

resource "aws_vpc_endpoint" "s3" {
  vpc_id       = aws_vpc.main.id
  service_name = "com.amazonaws.eu-west-1.s3"
}

resource "aws_vpc_endpoint_route_table_association" "s3" {
  vpc_endpoint_id = aws_vpc_endpoint.s3.id
  route_table_id  = aws_route_table.b.id
}

resource "aws_vpc_endpoint" "sqs" {
  vpc_id            = aws_vpc.main.id
  service_name      = "com.amazonaws.eu-west-1.sqs"
  vpc_endpoint_type = "Interface"
}

resource "aws_vpc_endpoint_subnet_association" "sqs" {
  vpc_endpoint_id = aws_vpc_endpoint.sqs.id
  subnet_id       = aws_subnet.a.id
}

resource "aws_vpc_endpoint_security_group_association" "sqs" {
  vpc_endpoint_id   = aws_vpc_endpoint.sqs.id
  security_group_id = aws_security_group.app.id
}

resource "aws_vpc_endpoint_policy" "sqs" {
  vpc_endpoint_id = aws_vpc_endpoint.sqs.id
  policy          = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*", Action = "sqs:SendMessage", Resource = "*" }] })
}

resource "aws_vpc_endpoint_private_dns" "sqs" {
  vpc_endpoint_id     = aws_vpc_endpoint.sqs.id
  private_dns_enabled = true
}

resource "aws_vpc_endpoint" "inspection" {
  vpc_id            = aws_vpc.main.id
  service_name      = aws_vpc_endpoint_service.inspection.service_name
  vpc_endpoint_type = "GatewayLoadBalancer"
  subnet_ids        = [aws_subnet.a.id]
}

resource "aws_vpc_endpoint" "lattice" {
  vpc_id                     = aws_vpc.main.id
  vpc_endpoint_type          = "Resource"
  resource_configuration_arn = "arn:aws:vpc-lattice:eu-west-1:123456789012:resourceconfiguration/rcfg-0123456789abcdef0"
  subnet_ids                 = [aws_subnet.a.id]
}

resource "aws_lb" "inspection" {
  name               = "inspection"
  load_balancer_type = "gateway"
  subnets            = [aws_subnet.peer.id]
}

resource "aws_vpc_endpoint_service" "inspection" {
  acceptance_required        = false
  gateway_load_balancer_arns = [aws_lb.inspection.arn]
}

# load balancers

resource "aws_eip" "edge" {
  domain = "vpc"
}

resource "aws_lb" "edge" {
  name               = "edge"
  load_balancer_type = "network"

  subnet_mapping {
    subnet_id     = aws_subnet.a.id
    allocation_id = aws_eip.edge.id
  }
}

resource "aws_lb" "web" {
  name            = "web"
  internal        = true
  subnets         = [aws_subnet.a.id, aws_subnet.b.id]
  security_groups = [aws_security_group.app.id]
}

resource "aws_lb_target_group" "web" {
  name                              = "web"
  port                              = 80
  protocol                          = "HTTP"
  vpc_id                            = aws_vpc.main.id
  load_balancing_cross_zone_enabled = "false"
}

resource "aws_lb_target_group_attachment" "web" {
  target_group_arn = aws_lb_target_group.web.arn
  target_id        = aws_instance.app.id
  port             = 8080
}

resource "aws_lb_listener" "web" {
  load_balancer_arn = aws_lb.web.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type = "forward"

    forward {
      target_group {
        arn    = aws_lb_target_group.web.arn
        weight = 10
      }

      target_group {
        arn    = aws_lb_target_group.other.arn
        weight = 90
      }
    }
  }
}

resource "aws_lb_target_group" "other" {
  name        = "other"
  port        = 80
  protocol    = "HTTP"
  target_type = "ip"
  vpc_id      = aws_vpc.main.id
}

resource "aws_lb_listener_rule" "web" {
  listener_arn = aws_lb_listener.web.arn
  priority     = 10

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.other.arn
  }

  condition {
    path_pattern {
      values = ["/api/*"]
    }
  }
}

resource "aws_elb" "old" {
  name            = "old"
  subnets         = [aws_subnet.a.id]
  security_groups = [aws_security_group.app.id]

  listener {
    lb_port           = 80
    lb_protocol       = "http"
    instance_port     = 8080
    instance_protocol = "http"
  }
}

resource "aws_elb_attachment" "old" {
  elb      = aws_elb.old.id
  instance = aws_instance.app.id
}

# Network Firewall

resource "aws_networkfirewall_rule_group" "stateful" {
  name     = "stateful"
  type     = "STATEFUL"
  capacity = 10

  rule_group {
    rule_variables {
      ip_sets {
        key = "HOME_NET"

        ip_set {
          definition = ["10.0.0.0/8"]
        }
      }
    }

    rules_source {
      stateful_rule {
        action = "DROP"

        header {
          protocol         = "TCP"
          source           = "ANY"
          source_port      = "ANY"
          direction        = "FORWARD"
          destination      = "ANY"
          destination_port = "23"
        }

        rule_option {
          keyword  = "sid"
          settings = ["1"]
        }
      }
    }
  }
}

resource "aws_networkfirewall_rule_group" "stateless" {
  name     = "stateless"
  type     = "STATELESS"
  capacity = 10

  rule_group {
    rules_source {
      stateless_rules_and_custom_actions {
        stateless_rule {
          priority = 1

          rule_definition {
            actions = ["aws:drop"]

            match_attributes {
              protocols = [17]

              source {
                address_definition = "0.0.0.0/0"
              }

              destination_port {
                from_port = 123
                to_port   = 123
              }
            }
          }
        }
      }
    }
  }
}

resource "aws_networkfirewall_rule_group" "text" {
  name     = "text"
  type     = "STATEFUL"
  capacity = 10
  rules    = "drop udp any any -> any 69 (sid:2;)"
}

resource "aws_networkfirewall_firewall_policy" "main" {
  name = "main"

  firewall_policy {
    stateless_default_actions          = ["aws:forward_to_sfe"]
    stateless_fragment_default_actions = ["aws:drop"]

    stateless_rule_group_reference {
      priority     = 1
      resource_arn = aws_networkfirewall_rule_group.stateless.arn
    }

    stateful_rule_group_reference {
      resource_arn = aws_networkfirewall_rule_group.stateful.arn
    }
  }
}

resource "aws_networkfirewall_firewall" "main" {
  name                = "main"
  firewall_policy_arn = aws_networkfirewall_firewall_policy.main.arn
  vpc_id              = aws_vpc.peer.id

  subnet_mapping {
    subnet_id = aws_subnet.peer.id
  }
}

# names

resource "aws_route53_zone" "corp" {
  name = "corp.example"

  vpc {
    vpc_id = aws_vpc.main.id
  }
}

resource "aws_route53_zone_association" "corp" {
  zone_id = aws_route53_zone.corp.zone_id
  vpc_id  = aws_vpc.peer.id
}

resource "aws_route53_record" "app" {
  zone_id = aws_route53_zone.corp.zone_id
  name    = "app"
  type    = "A"
  ttl     = 60
  records = [aws_instance.app.private_ip]
}

resource "aws_route53_record" "web" {
  zone_id = aws_route53_zone.corp.zone_id
  name    = "web.corp.example"
  type    = "A"

  alias {
    name                   = aws_lb.web.dns_name
    zone_id                = aws_lb.web.zone_id
    evaluate_target_health = true
  }
}

resource "aws_route53_record" "heavy" {
  zone_id        = aws_route53_zone.corp.zone_id
  name           = "weighted"
  type           = "A"
  ttl            = 60
  records        = ["10.0.1.40"]
  set_identifier = "heavy"

  weighted_routing_policy {
    weight = 200
  }
}

resource "aws_route53_resolver_endpoint" "out" {
  direction          = "OUTBOUND"
  security_group_ids = [aws_security_group.app.id]

  ip_address {
    subnet_id = aws_subnet.a.id
    ip        = "10.0.1.60"
  }

  ip_address {
    subnet_id = aws_subnet.b.id
  }
}

resource "aws_route53_resolver_rule" "office" {
  domain_name          = "office.example"
  rule_type            = "FORWARD"
  resolver_endpoint_id = aws_route53_resolver_endpoint.out.id

  target_ip {
    ip = "192.168.0.53"
  }
}

resource "aws_route53_resolver_rule_association" "office" {
  resolver_rule_id = aws_route53_resolver_rule.office.id
  vpc_id           = aws_vpc.main.id
}

resource "aws_route53_resolver_config" "main" {
  resource_id              = aws_vpc.main.id
  autodefined_reverse_flag = "DISABLE"
}

resource "aws_route53_resolver_dnssec_config" "peer" {
  resource_id = aws_vpc.peer.id
}

resource "aws_route53_resolver_firewall_domain_list" "bad" {
  name    = "bad"
  domains = ["bad.example."]
}

resource "aws_route53_resolver_firewall_rule_group" "main" {
  name = "main"
}

resource "aws_route53_resolver_firewall_rule" "bad" {
  name                    = "bad"
  firewall_rule_group_id  = aws_route53_resolver_firewall_rule_group.main.id
  firewall_domain_list_id = aws_route53_resolver_firewall_domain_list.bad.id
  priority                = 100
  action                  = "BLOCK"
  block_response          = "NODATA"
}

resource "aws_route53_resolver_firewall_rule_group_association" "main" {
  name                   = "main"
  firewall_rule_group_id = aws_route53_resolver_firewall_rule_group.main.id
  vpc_id                 = aws_vpc.main.id
  priority               = 101
}

resource "aws_route53profiles_profile" "shared" {
  name = "shared"
}

resource "aws_route53profiles_association" "peer" {
  name        = "peer"
  profile_id  = aws_route53profiles_profile.shared.id
  resource_id = aws_vpc.peer.id
}

resource "aws_route53profiles_resource_association" "office" {
  name         = "office"
  profile_id   = aws_route53profiles_profile.shared.id
  resource_arn = aws_route53_resolver_rule.office.arn
}

# hubs and hybrid networks

resource "aws_ec2_transit_gateway" "main" {
  default_route_table_association = "disable"
  default_route_table_propagation = "disable"
}

resource "aws_ec2_transit_gateway_vpc_attachment" "main" {
  transit_gateway_id     = aws_ec2_transit_gateway.main.id
  vpc_id                 = aws_vpc.main.id
  subnet_ids             = [aws_subnet.a.id, aws_subnet.b.id]
  appliance_mode_support = "enable"
}

resource "aws_ec2_transit_gateway_peering_attachment" "far" {
  transit_gateway_id      = aws_ec2_transit_gateway.main.id
  peer_transit_gateway_id = "tgw-0123456789abcdef0"
  peer_region             = "us-east-1"
}

resource "aws_ec2_transit_gateway_route_table" "main" {
  transit_gateway_id = aws_ec2_transit_gateway.main.id
}

resource "aws_ec2_transit_gateway_route_table_association" "main" {
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.main.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.main.id
}

resource "aws_ec2_transit_gateway_route_table_propagation" "main" {
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.main.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.main.id
}

resource "aws_ec2_transit_gateway_route" "black" {
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.main.id
  destination_cidr_block         = "10.9.0.0/16"
  blackhole                      = true
}

resource "aws_ec2_transit_gateway_prefix_list_reference" "offices" {
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.main.id
  prefix_list_id                 = aws_ec2_managed_prefix_list.offices.id
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_peering_attachment.far.id
}

resource "aws_vpn_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_vpn_gateway" "peer" {}

resource "aws_vpn_gateway_attachment" "peer" {
  vpn_gateway_id = aws_vpn_gateway.peer.id
  vpc_id         = aws_vpc.peer.id
}

resource "aws_vpn_gateway_route_propagation" "peer" {
  vpn_gateway_id = aws_vpn_gateway.peer.id
  route_table_id = aws_route_table.peer.id
}

resource "aws_customer_gateway" "office" {
  bgp_asn    = 65000
  ip_address = "198.51.100.1"
  type       = "ipsec.1"
}

resource "aws_vpn_connection" "office" {
  vpn_gateway_id      = aws_vpn_gateway.main.id
  customer_gateway_id = aws_customer_gateway.office.id
  type                = "ipsec.1"
  static_routes_only  = true
}

resource "aws_vpn_connection_route" "office" {
  vpn_connection_id      = aws_vpn_connection.office.id
  destination_cidr_block = "192.168.0.0/16"
}

resource "aws_dx_gateway" "main" {
  name            = "main"
  amazon_side_asn = "64513"
}

resource "aws_dx_gateway_association" "main" {
  dx_gateway_id         = aws_dx_gateway.main.id
  associated_gateway_id = aws_vpn_gateway.peer.id
  allowed_prefixes      = ["10.1.0.0/16"]
}

resource "aws_dx_private_virtual_interface" "main" {
  connection_id  = "dxcon-01234567"
  name           = "main"
  vlan           = 100
  address_family = "ipv4"
  bgp_asn        = 65010
  dx_gateway_id  = aws_dx_gateway.main.id
}

resource "aws_ec2_client_vpn_endpoint" "main" {
  client_cidr_block      = "10.200.0.0/16"
  server_certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef"
  vpc_id                 = aws_vpc.main.id
  security_group_ids     = [aws_security_group.app.id]

  authentication_options {
    type                       = "certificate-authentication"
    root_certificate_chain_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef"
  }

  connection_log_options {
    enabled = false
  }
}

resource "aws_ec2_client_vpn_network_association" "a" {
  client_vpn_endpoint_id = aws_ec2_client_vpn_endpoint.main.id
  subnet_id              = aws_subnet.a.id
}

resource "aws_ec2_client_vpn_route" "internet" {
  client_vpn_endpoint_id = aws_ec2_client_vpn_endpoint.main.id
  destination_cidr_block = "0.0.0.0/0"
  target_vpc_subnet_id   = aws_ec2_client_vpn_network_association.a.subnet_id
}

resource "aws_ec2_client_vpn_authorization_rule" "all" {
  client_vpn_endpoint_id = aws_ec2_client_vpn_endpoint.main.id
  target_network_cidr    = "10.0.0.0/16"
  authorize_all_groups   = true
}

resource "aws_networkmanager_core_network" "main" {
  global_network_id = "global-network-0123456789abcdef0"
}

resource "aws_networkmanager_vpc_attachment" "peer" {
  core_network_id = aws_networkmanager_core_network.main.id
  vpc_arn         = aws_vpc.peer.arn
  subnet_arns     = [aws_subnet.peer.arn]
}

resource "aws_ec2_carrier_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

# another Region

resource "aws_vpc" "far" {
  provider   = aws.far
  cidr_block = "10.3.0.0/16"
}

resource "aws_subnet" "far" {
  provider          = aws.far
  vpc_id            = aws_vpc.far.id
  cidr_block        = "10.3.1.0/24"
  availability_zone = "us-west-2b"
}

# what calls are about

resource "aws_sns_topic" "news" {
  name = "news"
}

resource "aws_sns_topic_policy" "news" {
  arn    = aws_sns_topic.news.arn
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Principal = "*", Action = "sns:Publish", Resource = "*" }] })
}

resource "aws_sns_topic_subscription" "news" {
  topic_arn            = aws_sns_topic.news.arn
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.jobs.arn
  raw_message_delivery = true
}

resource "aws_s3_bucket" "files" {
  bucket = "example-files"
}

resource "aws_s3_bucket_policy" "files" {
  bucket = aws_s3_bucket.files.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Principal = "*", Action = "s3:PutObject", Resource = "*" }] })
}

resource "aws_s3_bucket_versioning" "files" {
  bucket = aws_s3_bucket.files.bucket

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_secretsmanager_secret" "password" {
  name = "password"
}

resource "aws_secretsmanager_secret_policy" "password" {
  secret_arn = aws_secretsmanager_secret.password.arn
  policy     = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Principal = "*", Action = "*", Resource = "*" }] })
}

resource "aws_secretsmanager_secret_version" "password" {
  secret_id     = aws_secretsmanager_secret.password.id
  secret_string = "not-a-real-password"
}

resource "aws_ssm_parameter" "color" {
  name           = "/app/color"
  type           = "String"
  insecure_value = "blue"
}

resource "aws_dynamodb_table" "orders" {
  name         = "orders"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "customer"
  range_key    = "placed"

  attribute {
    name = "customer"
    type = "S"
  }

  attribute {
    name = "placed"
    type = "N"
  }
}

resource "aws_dynamodb_resource_policy" "orders" {
  resource_arn = aws_dynamodb_table.orders.arn
  policy       = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Principal = "*", Action = "dynamodb:DeleteItem", Resource = "*" }] })
}

resource "aws_kms_key" "main" {}

resource "aws_kms_key_policy" "main" {
  key_id = aws_kms_key.main.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*", Action = "kms:*", Resource = "*" }] })
}

resource "aws_kms_alias" "main" {
  name          = "alias/main"
  target_key_id = aws_kms_key.main.key_id
}

resource "aws_iam_policy_attachment" "tables" {
  name       = "tables"
  roles      = [aws_iam_role.app.name]
  policy_arn = "arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess"
}

resource "aws_ecs_task_definition" "web" {
  family                = "web"
  task_role_arn         = aws_iam_role.app.arn
  container_definitions = jsonencode([{ name = "web", image = "web", memory = 128 }])
}

# no part of a network

resource "aws_cloudwatch_log_group" "app" {
  name = "app"
}
