// swift-tools-version: 6.2
import PackageDescription

// The architecture, read top to bottom: what is shared, the four services, what tests them.
// `Tests/Architecture` holds every target to the imports it may have.

// MARK: Compiler settings, the same for every target

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

// MARK: What comes from outside

let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let keys = Target.Dependency.product(name: "_CryptoExtras", package: "swift-crypto")
let certificates = Target.Dependency.product(name: "X509", package: "swift-certificates")
let encoding = Target.Dependency.product(name: "SwiftASN1", package: "swift-asn1")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let nio = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let sockets = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let jwt = Target.Dependency.product(name: "JWTKit", package: "jwt-kit")
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")

// MARK: Shapes of targets

func shared(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Shared/\(name)", resources: resources, swiftSettings: strict)
}

func cLibrary(_ name: String, pkgConfig: String, package: String) -> Target {
    .systemLibrary(
        name: name, path: "Shared/CLibraries/\(name)", pkgConfig: pkgConfig, providers: [.apt([package])])
}

/// The C face of a library in C++, whose own types Swift never sees.
func cxxLibrary(_ name: String, linking library: String) -> Target {
    .target(
        name: name, path: "Shared/CLibraries/\(name)", linkerSettings: [.linkedLibrary(library)])
}

/// A service is always these three targets; its adapters of the outside world are a fourth.
func service(
    _ name: String, adapters: (name: String, folder: String, needs: [Target.Dependency])? = nil,
    also: [Target.Dependency] = []
) -> [Target] {
    let folder = "Services/\(name)"
    var needs: [Target.Dependency] =
        [
            "PaymentModel", "EventContract", "TransactionalMessaging", "PostgresClient", "HTTPServer", "ServiceRuntime",
            "Observability", logging, metrics,
        ] + also
    var targets: [Target] = []
    if let adapters {
        needs += [.target(name: adapters.name)] + adapters.needs
        let own: [Target.Dependency] = [
            .target(name: "\(name)Domain"), "PaymentModel", "HTTPClient", "Observability", logging, metrics,
        ]
        targets.append(
            .target(
                name: adapters.name, dependencies: own + adapters.needs, path: "\(folder)/\(adapters.folder)",
                swiftSettings: strict))
    }
    return targets + [
        .target(
            name: "\(name)Domain", dependencies: ["PaymentModel"], path: "\(folder)/Domain", swiftSettings: strict),
        .target(
            name: "\(name)Service", dependencies: [.target(name: "\(name)Domain")] + needs,
            path: "\(folder)/Service",
            resources: [
                .embedInCode("Migrations"), .embedInCode("HTTP/openapi.json"), .embedInCode("HTTP/problems.fr.json"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "\(name)Main", dependencies: [.target(name: "\(name)Service"), "ServiceRuntime"],
            path: "\(folder)/Main", swiftSettings: strict),
    ]
}

/// What tests read from the checkout itself is left out of their targets.
func tests(_ name: String, _ dependencies: [Target.Dependency], leavingOut: [String] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: dependencies, path: "Tests/\(name)", exclude: leavingOut,
        swiftSettings: strict)
}

/// Tests of one service, or of what services are built on, with PostgreSQL, the broker and the sandbox: a target each,
/// so that a change of one service has only its own tests built again.
func integrationTests(
    _ name: String, in folders: [String]? = nil, _ dependencies: [Target.Dependency], leavingOut: [String] = []
) -> Target {
    .testTarget(
        name: "\(name)IntegrationTests", dependencies: dependencies + ["TestSupport", logging],
        path: "Tests/Integration", exclude: leavingOut, sources: folders ?? [name], swiftSettings: strict)
}

/// A running service that tests of several services use.
func world(_ name: String, _ service: String) -> Target {
    .target(
        name: name,
        dependencies: [
            "EventContract", "HTTPClient", "HTTPServer", "PaymentModel", "PostgresClient", "ServiceRuntime",
            "TestSupport", "TransactionalMessaging", .target(name: "\(service)Service"), crypto, logging,
        ],
        path: "Tests/Worlds/\(service)", swiftSettings: strict)
}

func tool(
    _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = [], linking: [LinkerSetting] = []
) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, path: "Tests/\(name)", exclude: exclude, swiftSettings: strict,
        linkerSettings: linking)
}

// MARK: What the tiers of tests may reach

let pure: [Target.Dependency] = [
    "PaymentModel", "EventContract", "InvoicingDomain", "PaymentOrchestratorDomain", "NotificationDomain",
    "ReconciliationDomain",
]
let foundation: [Target.Dependency] = [
    "Observability", "PostgresClient", "KafkaClient", "HTTPClient", "SpreadsheetWriter", "PageWriter",
    "PhoneNumbers", "TransactionalMessaging",
    "HTTPServer", "ServiceRuntime", lifecycle, logging,
]
let services: [Target.Dependency] = [
    "InvoicingService", "PaymentOrchestratorService", "PaymentProviders", "NotificationService", "NotificationChannels",
    "ReconciliationService",
]

// MARK: The package

let package = Package(
    name: "Quittance",
    products: [
        .executable(name: "invoicing", targets: ["InvoicingMain"]),
        .executable(name: "payment-orchestrator", targets: ["PaymentOrchestratorMain"]),
        .executable(name: "notification", targets: ["NotificationMain"]),
        .executable(name: "reconciliation", targets: ["ReconciliationMain"]),
        .executable(name: "sandbox", targets: ["Sandbox"]),
        .executable(name: "embedded-broker", targets: ["EmbeddedBroker"]),
        .executable(name: "benchmarks", targets: ["Benchmarks"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.0"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.0"),
    ],
    targets: [
        // The shared model and the contract: no I/O.
        shared("PaymentModel"),
        shared("EventContract", ["PaymentModel"], resources: [.embedInCode("Schemas")]),

        // The only unsafe code: C libraries and their faces.
        cLibrary("CPostgres", pkgConfig: "libpq", package: "libpq-dev"),
        cLibrary("CKafka", pkgConfig: "rdkafka", package: "librdkafka-dev"),
        cLibrary("CCurl", pkgConfig: "libcurl", package: "libcurl4-openssl-dev"),
        cLibrary("CXLSXWriter", pkgConfig: "xlsxwriter", package: "libxlsxwriter-dev"),
        cLibrary("CPangoCairo", pkgConfig: "pangocairo", package: "libpango1.0-dev"),
        cLibrary("CQPDF", pkgConfig: "libqpdf", package: "libqpdf-dev"),
        cLibrary("CQRencode", pkgConfig: "libqrencode", package: "libqrencode-dev"),
        cxxLibrary("CPhoneNumber", linking: "phonenumber"),
        shared("PostgresClient", ["CPostgres", "Observability", logging, metrics]),
        shared("KafkaClient", ["CKafka", "Observability", logging, metrics]),
        shared("HTTPClient", ["CCurl", "Observability", logging, metrics]),
        shared("SpreadsheetWriter", ["CXLSXWriter"]),
        shared("PageWriter", ["CPangoCairo", "CQPDF", "CQRencode", "PaymentModel"]),
        shared("PhoneNumbers", ["CPhoneNumber", "PaymentModel"]),

        // What every service is built on.
        shared("Observability", [logging, metrics, system]),
        shared(
            "TransactionalMessaging",
            [
                "EventContract", "PaymentModel", "PostgresClient", "KafkaClient", "Observability", logging, metrics,
                lifecycle,
            ],
            resources: [.embedInCode("Migrations")]),
        shared(
            "HTTPServer",
            [
                "PaymentModel", "Observability", hummingbird, hummingbirdCore, httpTypes, nio, jwt, crypto, lifecycle,
                logging, metrics,
            ],
            resources: [.embedInCode("Answers/problems.fr.json")]),
        shared(
            "ServiceRuntime",
            [
                "PaymentModel", "EventContract", "PostgresClient", "KafkaClient", "TransactionalMessaging",
                "HTTPServer", "HTTPClient", "Observability", arguments, lifecycle, signals, logging, metrics, system,
            ]),
    ]
        // The four services.
        + service("Invoicing", also: ["PageWriter", "PhoneNumbers", crypto])
        + service(
            "PaymentOrchestrator", adapters: ("PaymentProviders", "Providers", [crypto, certificates, encoding]),
            also: ["HTTPClient", "PhoneNumbers"])
        + service(
            "Notification", adapters: ("NotificationChannels", "Channels", [crypto]),
            also: ["HTTPClient", "PhoneNumbers"])
        + service("Reconciliation", also: ["SpreadsheetWriter", "HTTPClient"])
        // What tests them: tools, support and tiers.
        + [
            tool(
                "Sandbox",
                [
                    "PaymentModel", "HTTPClient", hummingbird, hummingbirdCore, httpTypes, nio, arguments, crypto,
                    keys, certificates, encoding, logging,
                ],
                exclude: ["README.md", "Mail", "Servers"]),
            // The library must find this program's functions before the C library's (see FixedPort.swift).
            tool(
                "EmbeddedBroker", ["CKafka", arguments],
                linking: [
                    .unsafeFlags(["-Xlinker", "--export-dynamic-symbol=bind"]),
                    .unsafeFlags(["-Xlinker", "--export-dynamic-symbol=accept"]),
                ]),
            tool(
                "MessagingProbe",
                [
                    "PaymentModel", "PostgresClient", "KafkaClient", "TransactionalMessaging", "TestSupport", arguments,
                    lifecycle, logging,
                ]),
            tool(
                "Benchmarks",
                [
                    "PaymentModel", "EventContract", "PostgresClient", "KafkaClient", "HTTPClient",
                    "TransactionalMessaging", "HTTPServer", "ServiceRuntime", "Observability", "InvoicingService",
                    "NotificationService", "ReconciliationDomain", "ReconciliationService", "TestSupport", "CPostgres",
                    "CKafka", "CCurl",
                    hummingbird, lifecycle,
                    arguments, crypto, logging,
                ], exclude: ["bare_parser.py"]),
            .target(
                name: "TestSupport",
                dependencies: [
                    "PaymentModel", "EventContract", "PostgresClient", "KafkaClient", "HTTPClient",
                    "TransactionalMessaging", "Observability", logging,
                ],
                path: "Tests/Support", swiftSettings: strict,
                // Foundation must find the tests' function before the C library's (see DescriptorEntry.swift).
                linkerSettings: [.unsafeFlags(["-Xlinker", "--export-dynamic-symbol=readdir"])]),
            tests("Unit", pure, leavingOut: ["EventContract/Golden", "EventContract/Released"]),
            tests("Component", pure + foundation + services + [logging, metrics, lifecycle, nio, sockets]),
            tests("Conformance", pure + foundation + services + ["TestSupport", logging]),
            world("NotificationWorld", "Notification"),
            world("PaymentWorld", "PaymentOrchestrator"),
            integrationTests(
                "Foundation",
                in: [
                    "EventContract", "HTTPClient", "KafkaClient", "PhoneNumbers", "PostgresClient", "Sandbox",
                    "ServiceRuntime", "SpreadsheetWriter", "TransactionalMessaging",
                ],
                foundation + ["PaymentModel", "EventContract", crypto],
                leavingOut: ["HTTPClient/http_server.py", "PhoneNumbers/read_numbers.py"]),
            integrationTests(
                "Invoicing",
                foundation + ["PaymentModel", "EventContract", "InvoicingDomain", "InvoicingService", crypto],
                leavingOut: [
                    "Invoicing/check_factur_x.py", "Invoicing/read_code.py", "Invoicing/read_pdf.py",
                    "Invoicing/run_guide.py",
                ]),
            integrationTests(
                "PaymentOrchestrator",
                foundation + [
                    "PaymentModel", "EventContract", "PaymentOrchestratorDomain", "PaymentProviders",
                    "PaymentOrchestratorService", "InvoicingService", "PaymentWorld", "NotificationWorld", crypto,
                ],
                leavingOut: ["PaymentOrchestrator/on_loopback.py"]),
            integrationTests(
                "Notification",
                foundation + [
                    "PaymentModel", "EventContract", "NotificationDomain", "NotificationChannels",
                    "NotificationService", "InvoicingService", "PaymentOrchestratorService", "NotificationWorld",
                    crypto,
                ],
                leavingOut: ["Notification/pdf_links.py"]),
            integrationTests(
                "Reconciliation",
                foundation + [
                    "PaymentModel", "EventContract", "ReconciliationDomain", "ReconciliationService",
                    "PaymentOrchestratorService", "PaymentWorld", "NotificationWorld", crypto,
                ],
                leavingOut: [
                    "Reconciliation/check_fec.py", "Reconciliation/read_grid.py", "Reconciliation/Statements",
                ]),
            integrationTests("Benchmarks", []),
            integrationTests(
                "EveryRoute", foundation + services + ["PaymentModel", "PaymentWorld"]),
            tests("EndToEnd", pure + foundation + ["TestSupport"]),
            tests("Architecture", []),
        ],
    cxxLanguageStandard: .cxx17
)
