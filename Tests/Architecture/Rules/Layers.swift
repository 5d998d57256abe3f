/// What each target may import: the table of the architecture.
///
/// SwiftPM alone does not enforce it: an undeclared import of a transitive dependency compiles.
struct Layers {
    /// What one target may see.
    struct Allowance {
        let ours: Set<String>
        let outside: Set<String>
    }

    private static let standard: Set<String> = ["Synchronization", "FoundationEssentials", "Logging", "Metrics"]
    private static let system: Set<String> = ["Foundation", "Glibc", "Dispatch"]
    private static let web: Set<String> = [
        "Hummingbird", "HummingbirdCore", "HTTPTypes", "NIOCore", "JWTKit", "Crypto", "ServiceLifecycle",
    ]
    private static let cLibraries: Set<String> = [
        "CPostgres", "CKafka", "CCurl", "CXLSXWriter", "CPangoCairo", "CQPDF", "CQRencode",
        "CPhoneNumber",
    ]

    private static let shared: [String: Allowance] = [
        "PaymentModel": Allowance(ours: [], outside: ["Synchronization"]),
        "EventContract": Allowance(ours: ["PaymentModel"], outside: ["FoundationEssentials"]),
        "Observability": Allowance(ours: [], outside: standard.union(["SystemPackage", "Glibc"])),
        "PostgresClient": Allowance(ours: ["CPostgres", "Observability"], outside: standard.union(system)),
        "KafkaClient": Allowance(ours: ["CKafka", "Observability"], outside: standard.union(system)),
        "SpreadsheetWriter": Allowance(ours: ["CXLSXWriter"], outside: []),
        "PhoneNumbers": Allowance(ours: ["CPhoneNumber", "PaymentModel"], outside: []),
        "PageWriter": Allowance(ours: ["CPangoCairo", "CQPDF", "CQRencode", "PaymentModel"], outside: []),
        "HTTPClient": Allowance(ours: ["CCurl", "Observability"], outside: standard.union(system)),
        "TransactionalMessaging": Allowance(
            ours: ["EventContract", "PaymentModel", "PostgresClient", "KafkaClient", "Observability"],
            outside: standard.union(["ServiceLifecycle"])),
        "HTTPServer": Allowance(ours: ["PaymentModel", "Observability"], outside: standard.union(web)),
        "ServiceRuntime": Allowance(
            ours: [
                "PaymentModel", "EventContract", "PostgresClient", "KafkaClient", "TransactionalMessaging",
                "HTTPServer",
                "HTTPClient", "Observability",
            ],
            outside: standard.union(system).union([
                "ArgumentParser", "ServiceLifecycle", "UnixSignals", "SystemPackage",
            ])),
    ]

    /// Questions to another service go over HTTP, which is what `HTTPClient` is for here; providers are adapters' work.
    private static let service: Set<String> = [
        "PaymentModel", "EventContract", "TransactionalMessaging", "PostgresClient", "HTTPServer", "ServiceRuntime",
        "Observability", "HTTPClient", "SpreadsheetWriter", "PageWriter",
        "PhoneNumbers",
    ]

    /// The adapters of the outside world, by their service.
    private static let adapters = ["PaymentOrchestrator": "PaymentProviders", "Notification": "NotificationChannels"]

    /// Nil when the target has no row; tests and tools have none and are held to the manifest only.
    static func allowance(of target: Manifest.Target) -> Allowance? {
        if let row = shared[target.name] { return row }
        if cLibraries.contains(target.name) { return Allowance(ours: [], outside: []) }
        let parts = target.path.split(separator: "/").map(String.init)
        guard parts.count == 3, parts[0] == "Services" else { return nil }
        let name = parts[1]
        switch target.name {
        case "\(name)Domain": return Allowance(ours: ["PaymentModel"], outside: [])
        case "\(name)Service":
            let own = Set(["\(name)Domain"] + [adapters[name]].compactMap(\.self))
            return Allowance(
                ours: service.union(own),
                outside: standard.union(["Foundation", "FoundationXML", "Crypto", "X509", "SwiftASN1"]))
        case "\(name)Main": return Allowance(ours: ["\(name)Service", "ServiceRuntime"], outside: [])
        case adapters[name]:
            let ours: Set = ["\(name)Domain", "PaymentModel", "HTTPClient", "Observability"]
            return Allowance(ours: ours, outside: standard.union(["Crypto", "X509", "SwiftASN1"]))
        default: return nil
        }
    }
}

// MARK: Rules

extension Layers {
    /// The manifest gives no target more than its row of the table.
    static func manifestBreaches(_ manifest: Manifest) -> [Breach] {
        manifest.targets.filter { !$0.path.hasPrefix("Tests/") }.flatMap { target -> [Breach] in
            guard let row = allowance(of: target) else {
                return [Breach(target.path, "\(target.name) has no row in the table")]
            }
            return target.dependencies.compactMap { dependency in
                let allowed = dependency.isProduct ? row.outside : row.ours
                guard !allowed.contains(dependency.name) else { return nil }
                return Breach("Package.swift", "\(target.name) may not depend on \(dependency.name)")
            }
        }
    }

    /// No source imports more than its row of the table and its target's declared dependencies.
    static func importBreaches(_ manifest: Manifest, _ sources: [SourceFile]) -> [Breach] {
        let ours = Set(manifest.targets.map(\.name))
        return manifest.targets.filter(\.isCompiled).flatMap { target in
            let visible = Set(target.dependencies.map(\.name))
            let row = allowance(of: target)
            return sources.filter { target.isMade(of: $0) }.flatMap { source in
                source.imports.compactMap { line, module -> Breach? in
                    let isDeclared = visible.contains(module) || platform.contains(module)
                    let isAllowed = ours.contains(module) ? row?.ours.contains(module) : row?.outside.contains(module)
                    guard !isDeclared || isAllowed == false else { return nil }
                    return Breach(source.path, line: line, "\(target.name) may not import \(module)")
                }
            }
        }
    }

    /// What comes with the compiler and needs no declaration.
    private static let platform: Set<String> = [
        "Swift", "Synchronization", "Foundation", "FoundationXML", "FoundationEssentials", "Glibc", "Dispatch",
        "Testing",
        "PackageDescription",
    ]

    /// No chain of our own targets is longer than this.
    static let depthMax = 6

    static func depthBreaches(_ manifest: Manifest) -> [Breach] {
        let targets = Dictionary(uniqueKeysWithValues: manifest.targets.map { ($0.name, $0) })
        func depth(_ name: String) -> Int {
            guard let target = targets[name] else { return 0 }
            return 1 + (target.dependencies.map { depth($0.name) }.max() ?? 0)
        }
        return manifest.targets.filter { !$0.path.hasPrefix("Tests/") }.compactMap { target in
            let found = depth(target.name)
            return found > depthMax ? Breach("Package.swift", "\(target.name) is \(found) targets deep") : nil
        }
    }

    /// Every target is compiled with the same strict settings.
    static func settingBreaches(_ manifest: Manifest) -> [Breach] {
        let demanded: Set = [
            "swiftLanguageMode 6", "strictMemorySafety", "treatAllWarnings error",
            "enableUpcomingFeature ExistentialAny",
            "enableUpcomingFeature InternalImportsByDefault", "enableUpcomingFeature MemberImportVisibility",
            "enableUpcomingFeature NonisolatedNonsendingByDefault",
        ]
        // A face in C++ has no Swift to be strict about.
        let swift = manifest.targets.filter { $0.isCompiled && !cLibraries.contains($0.name) }
        return swift.flatMap { target in
            demanded.subtracting(target.settings.map(\.text)).sorted().map {
                Breach("Package.swift", "\(target.name) is compiled without \($0)")
            }
        }
    }
}
