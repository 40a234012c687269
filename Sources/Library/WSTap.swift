/// The whole of wstap as a library: captures in, WebSocket frames and messages out.
@_exported import Analysis
@_exported import Capture
@_exported import Export
@_exported import Filter
@_exported import HTTP
@_exported import JSON
@_exported import Statistics
@_exported import Subprotocols
@_exported import TLS
@_exported import Transport
@_exported import WebSocket
