import Foundation
import HTTPClient
import HTTPServer
import Logging
import PaymentModel
import ServiceRuntime
import TestSupport

/// What a payment, or a second, costs: milliseconds of CPU of every process, statements and round trips of every
/// service.
struct SpineCost: Sendable {
    private var milliseconds: [String: Double] = [:]
    private var statements: [String: Double] = [:]
    private var roundTrips: [String: Double] = [:]

    /// What was used until now; of processes only when their folder is known.
    static func now(_ meters: SpineMeters, state: String?) async throws -> SpineCost {
        var cost = SpineCost()
        cost.statements = try await meters.read("quittance_postgres_statements_total")
        cost.roundTrips = try await meters.read("quittance_postgres_round_trips_total")
        if let state { cost.milliseconds = try ProcessTimes(state: state).all() }
        return cost
    }

    /// What was used since then for each of so many payments, or seconds.
    func since(_ before: SpineCost, each count: Int) -> SpineCost {
        func difference(_ now: [String: Double], _ then: [String: Double]) -> [String: Double] {
            now.merging(then) { max(0, $0 - $1) }.mapValues { $0 / Double(count) }
        }
        var cost = SpineCost()
        cost.milliseconds = difference(milliseconds, before.milliseconds)
        cost.statements = difference(statements, before.statements)
        cost.roundTrips = difference(roundTrips, before.roundTrips)
        return cost
    }

    static func median(of costs: some Collection<SpineCost>) -> SpineCost {
        func median(_ figures: (SpineCost) -> [String: Double]) -> [String: Double] {
            let all = costs.map(figures)
            let names = Set(all.flatMap(\.keys))
            return Dictionary(
                uniqueKeysWithValues: names.map { name in
                    (name, Comparison.median(all.map { $0[name] ?? 0 }))
                })
        }
        var cost = SpineCost()
        cost.milliseconds = median(\.milliseconds)
        cost.statements = median(\.statements)
        cost.roundTrips = median(\.roundTrips)
        return cost
    }

    func print(per what: String) {
        if !milliseconds.isEmpty {
            say("CPU per \(what):")
            for (name, time) in milliseconds.sorted(by: { $0.key < $1.key }) where time >= 0.05 {
                say(String(format: "%8.2f ms  %@", time, name))
            }
            say(String(format: "%8.2f ms  all of it", milliseconds.values.reduce(0, +)))
        }
        say("statements and round trips per \(what):")
        for (schema, count) in statements.sorted(by: { $0.key < $1.key }) {
            say(String(format: "%8.1f %8.1f  %@", count, roundTrips[schema] ?? 0, schema))
        }
    }
}

/// Reads counters of the services as their operator does.
struct SpineMeters: Sendable {
    private let services: [(schema: String, address: String)]
    private let token: String
    private let http: HTTPClient

    init(_ services: [(schema: String, address: String)], signingKey: String) async throws {
        let principal = Principal(
            subject: "benchmark", organisation: OrganisationID(IdentifierSource.system.next()), clinics: .all,
            role: .service, scopes: ["metrics:read"])
        token = try await SigningKey(jwk: signingKey).mint(
            principal, rules: TokenRules(issuer: "quittance", audience: "quittance"), from: TimeSource.system.now(),
            lifetime: .seconds(7_200))
        http = HTTPClient(logger: Logger(label: "benchmark"))
        self.services = services
    }

    /// A counter of every schema, over all its processes and series.
    func read(_ name: String) async throws -> [String: Double] {
        var sums: [String: Double] = [:]
        for (schema, address) in services {
            let answer = try await http.send(
                HTTPRequest(.get, address + "/metrics", headers: [("Authorization", "Bearer \(token)")]))
            sums[schema, default: 0] += MetricPage(answer.body).sum(of: name)
        }
        return sums
    }

    func close() async { await http.close() }
}

/// The CPU time of the processes of a local system, as Linux counts it.
struct ProcessTimes {
    let state: String

    /// Milliseconds by name; PostgreSQL's by the role its connections serve.
    func all() throws -> [String: Double] {
        var times: [String: Double] = [:]
        for file in try FileManager.default.contentsOfDirectory(atPath: state + "/run") where file.hasSuffix(".pid") {
            times[String(file.dropLast(4))] = Int(text(state + "/run/" + file)).flatMap { time(of: $0) }
        }
        let postgres = text(state + "/postgres/postmaster.pid").split(separator: "\n").first.flatMap { Int($0) }
        guard let postgres else { return times }
        for child in text("/proc/\(postgres)/task/\(postgres)/children").split(separator: " ").compactMap({ Int($0) }) {
            // Connections that ended meanwhile are missed; the services keep theirs.
            guard let time = time(of: child) else { continue }
            times["postgres: \(role(of: child))", default: 0] += time
        }
        return times
    }

    /// How many cores the processes of a service may run on, which `taskset` at their start may limit.
    func cores(of service: String) throws -> Int {
        var cores: Set<Int> = []
        for file in try FileManager.default.contentsOfDirectory(atPath: state + "/run")
        where file.hasPrefix(service) && file.hasSuffix(".pid") {
            guard let process = Int(text(state + "/run/" + file)) else { continue }
            cores.formUnion(allowedCores(of: process))
        }
        return cores.count
    }

    /// The list of the kernel's, such as `0-1,4`.
    private func allowedCores(of process: Int) -> [Int] {
        let name = "Cpus_allowed_list:"
        let line = text("/proc/\(process)/status").split(separator: "\n").first { $0.hasPrefix(name) }
        guard let list = line?.dropFirst(name.count).trimmingCharacters(in: .whitespaces) else { return [] }
        return list.split(separator: ",").flatMap { range -> [Int] in
            let ends = range.split(separator: "-").compactMap { Int($0) }
            guard let first = ends.first, let last = ends.last, first <= last else { return [] }
            return Array(first...last)
        }
    }

    /// `postgres: payments quittance 127.0.0.1(…) idle` serves `payments`.
    private func role(of process: Int) -> String {
        let words = text("/proc/\(process)/cmdline").split(separator: " ")
        return words.count > 2 ? String(words[1]) : "itself"
    }

    private func time(of process: Int) -> Double? {
        // What comes after the name, which may hold spaces: state, numbers, and as 12th and 13th the two times.
        guard let rest = text("/proc/\(process)/stat").split(separator: ")").last else { return nil }
        let fields = rest.split(separator: " ")
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return nil }
        return (user + system) * 1_000 / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    private func text(_ path: String) -> String {
        guard let data = FileManager.default.contents(atPath: path) else { return "" }
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
