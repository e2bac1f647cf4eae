"""How an instance is named: by its address or by its id, and which queries for the name by id are answered.

Sources: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/hostname-types.html,
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_PrivateDnsNameOptionsOnLaunch.html.
"""

from vpcsim.shape import Shape, field


class PrivateDnsNameOptions(Shape):
    """The options of an instance, or of a subnet for those that are launched there. None: what AWS takes by itself."""

    hostname_type: str = field(default="", pattern="^(ip-name|resource-name|)$")
    enable_resource_name_dns_a_record: bool | None = None
    enable_resource_name_dns_aaaa_record: bool | None = field(default=None, api="EnableResourceNameDnsAAAARecord")
