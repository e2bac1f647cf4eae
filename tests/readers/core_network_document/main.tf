provider "aws" { region = "us-east-1" }

data "aws_networkmanager_core_network_policy_document" "main" {
  version = "2021.12"
  core_network_configuration {
    asn_ranges       = ["64512-64555"]
    vpn_ecmp_support = false
    edge_locations {
      location = "us-east-1"
      asn      = 64512
    }
    edge_locations { location = "eu-west-1" }
  }
  segments {
    name                          = "prod"
    require_attachment_acceptance = false
  }
  segments {
    name                = "shared"
    isolate_attachments = true
    deny_filter         = ["dev"]
  }
  segments { name = "dev" }
  network_function_groups {
    name                          = "inspection"
    require_attachment_acceptance = false
  }
  segment_actions {
    action     = "share"
    mode       = "attachment-route"
    segment    = "shared"
    share_with = ["*"]
  }
  segment_actions {
    action            = "share"
    mode              = "attachment-route"
    segment           = "prod"
    share_with_except = ["dev"]
  }
  segment_actions {
    action                  = "create-route"
    segment                 = "prod"
    destination_cidr_blocks = ["0.0.0.0/0"]
    destinations            = ["blackhole"]
  }
  segment_actions {
    action  = "send-via"
    segment = "dev"
    mode    = "single-hop"
    when_sent_to { segments = ["*"] }
    via {
      network_function_groups = ["inspection"]
      with_edge_override {
        edge_sets         = [["us-east-1", "eu-west-1"]]
        use_edge_location = "us-east-1"
      }
    }
  }
  attachment_policies {
    rule_number     = 100
    condition_logic = "or"
    conditions {
      type = "tag-exists"
      key  = "segment"
    }
    action {
      association_method = "tag"
      tag_value_of_key   = "segment"
    }
  }
  attachment_policies {
    rule_number = 200
    conditions { type = "any" }
    action {
      add_to_network_function_group = "inspection"
    }
  }
}
resource "aws_networkmanager_core_network" "main" {
  global_network_id = "global-network-0123456789abcdef0"
}
resource "aws_networkmanager_core_network_policy_attachment" "main" {
  core_network_id = aws_networkmanager_core_network.main.id
  policy_document = data.aws_networkmanager_core_network_policy_document.main.json
}
