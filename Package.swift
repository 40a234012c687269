// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

/// A module of the project. ARCHITECTURE.md says what each may import; a test holds the `import` lines to it.
func module(
  _ name: String, path: String? = nil, uses dependencies: [String] = [], embeds resources: [Resource] = [],
  exclude: [String] = []
) -> Target {
  .target(
    name: name, dependencies: dependencies.map { .init(stringLiteral: $0) }, path: path ?? "Sources/\(name)",
    exclude: exclude, resources: resources, swiftSettings: strict)
}

func library(_ name: String, pkgConfig: String, apt: String, brew: String) -> Target {
  .systemLibrary(
    name: name, path: "Sources/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt]), .brew([brew])])
}

func tests(_ name: String, uses dependencies: [String], exclude: [String] = []) -> Target {
  .testTarget(
    name: name, dependencies: (dependencies + ["TestSupport"]).map { .init(stringLiteral: $0) },
    exclude: exclude, swiftSettings: strict)
}

let package = Package(
  name: "wstap",
  platforms: [.macOS(.v26)],
  products: [
    .executable(name: "wstap", targets: ["WSTapCommand"]),
    .library(name: "WSTap", targets: ["WSTap"]),
    .library(name: "WebSocket", targets: ["WebSocket"]),
  ],
  targets: [
    library("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev", brew: "zlib"),
    library("CZstd", pkgConfig: "libzstd", apt: "libzstd-dev", brew: "zstd"),
    library("CCrypto", pkgConfig: "libcrypto", apt: "libssl-dev", brew: "openssl"),

    .systemLibrary(name: "CPcap", path: "Sources/CPcap", providers: [.apt(["libpcap-dev"]), .brew(["libpcap"])]),

    .systemLibrary(
      name: "CSQLite", path: "Sources/CSQLite", providers: [.apt(["libsqlite3-dev"]), .brew(["sqlite"])]),

    .systemLibrary(name: "CPCRE2", path: "Sources/CPCRE2", providers: [.apt(["libpcre2-dev"]), .brew(["pcre2"])]),
    .systemLibrary(name: "CLinux", path: "Sources/CLinux"),

    module("Bytes"),
    module("JSON", uses: ["Bytes"]),
    module("Capture", uses: ["Bytes", "CZlib", "CZstd"]),
    module("Transport", uses: ["Bytes", "Capture"]),
    module("HTTP", uses: ["Bytes", "CCrypto"]),
    module("TLS", uses: ["Bytes", "CCrypto"]),
    module("WebSocket", uses: ["Bytes", "CZlib"]),
    module("Subprotocols", uses: ["Bytes", "JSON", "CZlib"], exclude: ["README.md"]),
    module(
      "Analysis", uses: ["Bytes", "Capture", "Transport", "TLS", "HTTP", "WebSocket", "Subprotocols"]),
    module(
      "Statistics",
      uses: ["Bytes", "JSON", "Capture", "Transport", "TLS", "HTTP", "WebSocket", "Subprotocols", "Analysis"]),
    module(
      "Filter",
      uses: [
        "Bytes", "JSON", "Capture", "Transport", "TLS", "HTTP", "WebSocket", "Subprotocols", "Analysis", "CPCRE2",
      ]),
    module(
      "Export",
      uses: [
        "Bytes", "JSON", "Capture", "Transport", "TLS", "HTTP", "WebSocket", "Subprotocols", "Analysis", "Statistics",
        "Filter", "CZlib",
        "CCrypto",
      ],
      embeds: [.embedInCode("HTML/page")]),
    module("Database", uses: ["Bytes", "Capture", "Analysis", "Export", "CSQLite"]),
    module("LiveCapture", uses: ["Capture", "CPcap"]),
    module(
      "WSTap", path: "Sources/Library",
      uses: [
        "JSON", "Capture", "Transport", "TLS", "HTTP", "WebSocket", "Subprotocols", "Analysis", "Statistics", "Filter",
        "Export",
      ]),
    .executableTarget(
      name: "WSTapCommand",
      dependencies: [
        "Bytes", "JSON", "Subprotocols", "Capture", "Transport", "TLS", "HTTP", "WebSocket", "Analysis", "Statistics",
        "Filter",
        "Export",
        "Database", "LiveCapture", "CLinux",
      ],
      path: "Sources/wstap", swiftSettings: strict,
      // Loading the Swift runtime as libraries takes a third of the time from start to first record; and the program
      // runs where no Swift is installed.
      linkerSettings: [.unsafeFlags(["-static-stdlib"], .when(platforms: [.linux], configuration: .release))]),

    .executableTarget(
      name: "Generate", dependencies: ["Bytes", "Capture", "CCrypto", "CZlib"], path: "Benchmarks/Generate",
      swiftSettings: strict),

    module(
      "TestSupport", path: "Tests/TestSupport",
      uses: ["Bytes", "Capture", "Transport", "TLS", "HTTP", "WebSocket", "Analysis", "CZlib", "CCrypto"]),
    tests("ArchitectureTests", uses: []),
    tests("BytesTests", uses: ["Bytes"]),
    tests("JSONTests", uses: ["Bytes", "JSON"]),
    tests("CaptureTests", uses: ["Bytes", "Capture"]),
    tests("LiveCaptureTests", uses: ["Capture", "LiveCapture"]),
    tests("TransportTests", uses: ["Bytes", "Capture", "Transport"]),
    tests("HTTPTests", uses: ["Bytes", "HTTP"]),
    tests("TLSTests", uses: ["Bytes", "TLS"]),
    tests("SubprotocolsTests", uses: ["Bytes", "JSON", "Subprotocols"]),
    tests("WebSocketTests", uses: ["Bytes", "WebSocket"]),
    tests(
      "AnalysisTests", uses: ["Bytes", "Capture", "Transport", "TLS", "HTTP", "WebSocket", "Analysis"],
      exclude: ["OtherProtocols"]),
    tests(
      "FilterTests",
      uses: [
        "Bytes", "JSON", "Capture", "Transport", "TLS", "HTTP", "WebSocket", "Subprotocols", "Analysis", "Filter",
        "Export",
      ]),
    tests(
      "StatisticsTests",
      uses: ["Bytes", "JSON", "Capture", "Transport", "WebSocket", "Subprotocols", "Analysis", "Statistics"]),
    tests(
      "ExportTests",
      uses: [
        "Bytes", "JSON", "Capture", "Transport", "TLS", "WebSocket", "Subprotocols", "Analysis", "Filter", "Export",
        "WSTap", "CZlib",
      ]),
    tests("CommandTests", uses: ["WSTapCommand", "Capture", "LiveCapture"]),
  ]
)
