"""Carrier gateways of Wavelength Zones, and the networks of the carriers behind them."""

from vpcsim.gateways.carrier_gateway.gateway import CarrierGateway
from vpcsim.gateways.carrier_gateway.network import CarrierNetwork

__all__ = ["CarrierGateway", "CarrierNetwork"]
