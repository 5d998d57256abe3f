import FoundationEssentials

/// Alma's report of a payout: an export that Alma is asked for, writes in its own time, and hands out as a file.
extension AlmaProvider {
    package func report(
        ofPayout reference: String, _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> PayoutReport {
        guard ProviderReference.isSafe(reference) else { return .refused("Alma has no such payout") }
        for begun in try await earlier(reference, account) {
            if let report = try await wait(for: begun, account) { return report }
        }
        switch try await call(try request { try .export(ofPayout: reference) }, account) {
        case .neverReached: throw OutcomeUnknown("Alma was not reached")
        case .refused(let refusal):
            // A key that is turned away says nothing of the payout.
            guard !refusal.isAboutKey else { throw OutcomeUnknown("Alma answered \(refusal.reason)") }
            return .refused(refusal.reason)
        case .answered(let body):
            return try await wait(for: try decoded(body), account) ?? .refused("Alma writes no CSV of it")
        }
    }

    /// The exports that were asked for before, so that whoever lost patience or an answer goes on with one; a payout
    /// does not change any more.
    private func earlier(
        _ reference: String, _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> [AlmaResponse.Export] {
        guard case .answered(let body) = try await call(.exports(pageSize: settings.exportSearchSize), account) else {
            return []
        }
        // What Alma lists of an export is not documented whole; where nothing is found, another is written.
        let page = try? JSONDecoder().decode(AlmaResponse.Exports.self, from: Data(body))
        return page?.data.filter { $0.type == AlmaRequest.payoutExport && $0.payout == reference } ?? []
    }

    /// Nil where it was written in other formats only.
    private func wait(
        for export: AlmaResponse.Export, _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> PayoutReport? {
        guard ProviderReference.isSafe(export.id) else {
            throw OutcomeUnknown("Alma began an export whose name cannot be asked for")
        }
        var patience = AlmaPatience(settings)
        while true {
            switch try await look(at: export.id, account) {
            case .written: return try await download(export.id, account)
            case .notAsCSV: return nil
            case .beingWritten:
                guard let pause = patience.nextPause() else { return .beingWritten }
                await settings.pause(pause)
            }
        }
    }

    private func look(
        at export: String, _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> AlmaResponse.Export.State {
        let found: AlmaResponse.Export = try decoded(try await answer(to: .export(export), account))
        guard found.id == export else { throw OutcomeUnknown("Alma answered about another export") }
        return found.state
    }

    private func download(_ export: String, _ account: AccountAccess) async throws(OutcomeUnknown) -> PayoutReport {
        .written(try await answer(to: .file(of: export, bytesMax: settings.exportBytesMax), account))
    }

    private func answer(
        to request: AlmaRequest, _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> [UInt8] {
        switch try await call(request, account) {
        case .neverReached: throw OutcomeUnknown("Alma was not reached")
        case .refused(let refusal): throw OutcomeUnknown("Alma answered \(refusal.reason)")
        case .answered(let body): return body
        }
    }
}

/// How often an export is looked at, and how long after the last time.
struct AlmaPatience: Sendable {
    private var pause: Duration
    private let longest: Duration
    private var looksLeft: Int

    /// One look is always made.
    init(_ settings: AlmaSettings) {
        (pause, longest) = (settings.exportFirstPause, settings.exportLongestPause)
        looksLeft = settings.exportLooksMax - 1
    }

    /// The pause before the next look; nil when there is none.
    mutating func nextPause() -> Duration? {
        guard looksLeft > 0 else { return nil }
        looksLeft -= 1
        defer { pause = min(pause * 2, longest) }
        return min(pause, longest)
    }
}
