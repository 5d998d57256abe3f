import PaymentModel

/// Says whether a service can do its work.
package struct HealthChecks: Sendable {
    /// One thing the service can't work without.
    package struct Check: Sendable {
        /// What is checked, in a word or two.
        package let name: String

        /// Checks.
        package let run: @Sendable () async -> Outcome

        /// A check.
        package init(_ name: String, _ run: @escaping @Sendable () async -> Outcome) {
            self.name = name
            self.run = run
        }
    }

    /// How a check came out.
    package enum Outcome: Sendable, Hashable {
        case well
        /// Well enough to take requests, but a part of the work cannot be done, for this reason.
        case impaired(String)
        /// Not well, for this reason.
        case unwell(String)
    }

    private let checks: [Check]

    /// How long one check may take before it counts as failed.
    private let timeMax: Duration

    /// Checks of a service.
    package init(_ checks: [Check], timeMax: Duration = .seconds(2)) {
        self.checks = checks
        self.timeMax = timeMax
    }

    /// Live: the process answers.
    ///
    /// Nothing else is looked at, since a restart mends nothing else.
    func live() throws -> Response { try .json(.ok, ["status": "live"]) }

    /// Ready: every check is well.
    func ready() async throws -> Response {
        let outcomes = await outcomes()
        let errors = outcomes.compactMap { name, outcome -> FieldProblem? in
            guard case .unwell(let reason) = outcome else { return nil }
            return FieldProblem(pointer: name, reason: Sentence(reason), remedy: "See the log of this service.")
        }
        guard errors.isEmpty else {
            throw Problem(
                .unavailable, detail: "The service is not ready.",
                remedy: "Mend what errors names; nothing needs a restart.",
                errors: errors, headers: ["Retry-After": "1"])
        }
        let impaired = outcomes.compactMap { name, outcome -> Impairment? in
            guard case .impaired(let reason) = outcome else { return nil }
            return Impairment(check: name, reason: reason)
        }
        return try .json(
            .ok, Ready(status: "ready", checks: outcomes.map(\.0), impaired: impaired.isEmpty ? nil : impaired))
    }

    private struct Ready: Encodable {
        let status: String
        let checks: [String]
        /// Absent when all is well.
        let impaired: [Impairment]?
    }

    private struct Impairment: Encodable {
        let check: String
        let reason: String
    }

    private func outcomes() async -> [(String, Outcome)] {
        await withTaskGroup(of: (Int, Outcome).self) { group in
            for (index, check) in checks.enumerated() {
                group.addTask { (index, await outcome(of: check)) }
            }
            let outcomes = await group.reduce(into: [Int: Outcome]()) { $0[$1.0] = $1.1 }
            return checks.enumerated().map { ($1.name, outcomes[$0] ?? .unwell("It was not checked.")) }
        }
    }

    /// Whoever asks is answered in time, even by a check that does not end when it is told to.
    private func outcome(of check: Check) async -> Outcome {
        let (outcomes, first) = AsyncStream.makeStream(of: Outcome.self)
        let work = Task { first.yield(await check.run()) }
        let limit = Task {
            try? await Task.sleep(for: timeMax)
            first.yield(.unwell("It did not answer in time."))
        }
        defer {
            work.cancel()
            limit.cancel()
        }
        for await outcome in outcomes { return outcome }
        return .unwell("It was not checked.")
    }
}
