import HTTPServer
import Logging
import PaymentModel
import ReconciliationDomain
import ServiceRuntime
import TransactionalMessaging

/// Takes in a provider's settlement report: every line finds its payment or is a discrepancy (REC-3).
struct ImportSettlement {
    let database: Database
    let ids: IdentifierSource
    let time: TimeSource
    let match: MatchPayouts
    let lines: TakeSettlementLine
    let logger: Logger
    let staged = StagedSettlement()
    let payouts = PayoutStore()
    let saidColumns = AlmaReportColumnStore()

    private var settlements: SettlementStore { lines.settlements }
    private var discrepancies: DiscrepancyStore { lines.discrepancies }

    /// Reads the file while it arrives; then one transaction takes all of it, or nothing.
    ///
    /// Whoever names a payout says that the file is all of it.
    func run(
        _ file: IncomingFile, of provider: Provider, about payout: NamedPayout? = nil, because cause: () throws -> Cause
    ) async throws -> ImportAnswer {
        let reading = SettlementReading(
            provider: provider, columns: try await columns(of: provider, for: file.organisation), payout: payout)
        return try await file.read(as: .settlementReport, in: database, ids, logger) { bench, progress in
            StageSettlement(reading, on: bench, showing: progress, ids: ids, time: time)
        } then: { laid, bench in
            try await bench.change(because: cause()) { change in try take(laid, by: reading, in: &change) }.answer
        }
    }

    /// What an organisation's reports may call their columns; only Alma's are called in several ways.
    private func columns(
        of provider: Provider, for organisation: OrganisationID
    ) async throws -> [AlmaReportColumns] {
        guard provider == .alma else { return [] }
        let said = try await database.read(organisation: organisation) { transaction in
            try saidColumns.said(by: organisation, &transaction)
        }
        return said.map { [$0] } ?? AlmaReportColumns.known
    }

    private func take(
        _ laid: StageSettlement.Laid, by reading: SettlementReading, in change: inout Change
    ) throws -> ImportAnswer {
        let provider = reading.provider
        try BooksLock.takeAlone(in: &change)
        let twice = try staged.dropDuplicates(&change.transaction)
        let all = try staged.count(&change.transaction)
        let records = try putPayouts(laid.heads, by: reading, in: &change)
        let known = records.map { place, put in
            StagedSettlement.Known(
                place: place, payout: put.record.payout, isPointed: put.record.pointedBy != nil,
                wasWhole: put.wasWhole)
        }
        let expected = try change.joining(all) { change in
            try staged.know(known, of: provider, in: &change)
            let taken = try staged.takeExpected(of: provider, in: &change)
            try staged.findRemaining(of: provider, in: &change)
            return taken
        }
        let remaining = try takeRemaining(records, in: &change)
        for (place, reference) in twice {
            guard let put = records[place] else { continue }
            try discrepancies.open(.duplicate, .init(subject: reference, payout: put.record.payout.id), in: &change)
        }
        let changed = try staged.changed(of: provider, in: &change)
        for (place, put) in records.sorted(by: { $0.key < $1.key }) {
            let elsewhere = remaining.elsewhere[place]
            if changed.contains(place) || put.isNew {
                try sumUp(put.record, announced: put.announced, elsewhere: elsewhere, in: &change)
            } else if reading.payout != nil, !put.wasWhole {
                // It brought nothing new, so it lacks what an earlier report told.
                try checkSum(of: put.record, announced: put.announced, elsewhere: elsewhere, in: &change)
            }
        }
        return try answer(documents: laid.heads.count, new: expected + remaining.new, all: all, in: &change)
    }

    /// A payout of the file as the books have it.
    private struct Put {
        let record: PayoutRecord
        let announced: Money?
        let isNew: Bool
        /// Whether it was known before with all that the provider announces of it.
        let wasWhole: Bool
    }

    private func putPayouts(
        _ heads: [FoundSettlement.Head], by reading: SettlementReading, in change: inout Change
    ) throws -> [Int32: Put] {
        let sums = try staged.sums(&change.transaction)
        var records: [Int32: Put] = [:]
        for head in heads {
            let amount = sums[head.payout] ?? head.announced.map { .zero($0.currency) } ?? .zero(.eur)
            if let announced = head.announced, announced != amount {
                throw FileProblem.sum(of: head.reference, announced, amount, line: head.line)
            }
            let payout = PendingPayout(
                id: ids.make(), provider: reading.provider, reference: head.reference, amount: amount,
                paidOn: head.paidOn)
            let record = try put(payout, in: &change)
            // Of a file that is all of a payout, the sum of its lines is what it announces.
            let announced = reading.payout == nil ? head.announced : amount
            let wasWhole = try isKnownWhole(record, as: payout, announced: announced, in: &change)
            if reading.payout != nil, !wasWhole, try payouts.isToldWhole(record.payout.id, in: &change) {
                throw FileProblem.unlikeAPI(record.payout, amount)
            }
            records[head.payout] = Put(
                record: record, announced: announced, isNew: record.payout.id == payout.id, wasWhole: wasWhole)
        }
        if let word = ProvidersWord.told(byReportOf: reading.provider) {
            try match.hear(word, of: records.values.map(\.record.payout.id), in: &change)
        }
        return records
    }

    /// What a provider announces as a whole and is known to the cent already lacks nothing, if it was told otherwise.
    ///
    /// Known is also what an earlier report told of it that other payouts have.
    private func isKnownWhole(
        _ record: PayoutRecord, as told: PendingPayout, announced: Money?, in change: inout Change
    ) throws -> Bool {
        let known = record.payout
        guard known.id != told.id, let announced else { return false }
        guard known.amount != announced else { return true }
        let elsewhere = try discrepancies.settledTwice(of: known.id, in: known.amount.currency, &change)
        return try known.amount.adding(elsewhere) == announced
    }

    private func put(_ payout: PendingPayout, in change: inout Change) throws -> PayoutRecord {
        let record = try payouts.put(payout, in: &change)
        guard record.payout.amount.currency == payout.amount.currency else {
            throw FileProblem(
                line: nil, reason: "The payout \(payout.reference) was \(record.payout.amount.currency) before.",
                remedy: "Ask the provider which of the two reports is right.")
        }
        return record
    }

    /// Answers how many were new, and of each payout what other payouts have of it.
    private func takeRemaining(
        _ records: [Int32: Put], in change: inout Change
    ) throws -> (new: Int, elsewhere: [Int32: Money]) {
        var new = 0
        var elsewhere: [Int32: Money] = [:]
        while true {
            let batch = try staged.nextRemaining(in: &change)
            guard !batch.isEmpty else { return (new, elsewhere) }
            for item in batch {
                guard let put = records[item.place] else { continue }
                switch try lines.run(item.line, in: put.record.payout, &change) {
                case .new: new += 1
                case .known: break
                case .elsewhere:
                    let net = try item.line.net()
                    elsewhere[item.place] = try elsewhere[item.place]?.adding(net) ?? net
                }
            }
            // What is about a payment is locked by it, and nobody else writes in these books meanwhile.
            try change.writeAnnouncements()
        }
    }

    // MARK: By the provider's API

    /// In a change that is alone in the books: a file, or what the provider's API tells, come to the same.
    func run(_ report: SettlementReport, of provider: Provider, in change: inout Change) throws {
        for payout in report.payouts { try take(payout, of: provider, &change) }
    }

    /// What the provider says now of payouts that were told before, in such a change too.
    func hear(_ news: [(id: PayoutID, word: ProvidersWord)], in change: inout Change) throws {
        for (id, word) in news { try match.hear(word, of: [id], in: &change) }
        try matchAll(in: &change)
    }

    /// Finds the bank lines of what was taken, in such a change too.
    func matchAll(in change: inout Change) throws {
        _ = try match.run(in: &change)
    }

    private func take(
        _ reported: SettlementReport.Payout, of provider: Provider, _ change: inout Change
    ) throws {
        let pending = PendingPayout(
            id: ids.make(), provider: provider, reference: reported.reference, amount: reported.amount,
            paidOn: reported.paidOn)
        let record = try put(pending, in: &change)
        let wasWhole =
            try isKnownWhole(record, as: pending, announced: reported.amount, in: &change)
            && settlements.hasOthers(than: reported.lines.map(\.reference), in: record.payout.id, &change.transaction)
        var (new, elsewhere) = (0, Money.zero(reported.amount.currency))
        for line in reported.lines {
            if wasWhole, try settlements.find(line.reference, of: provider, in: &change) == nil { continue }
            switch try lines.run(line, in: record.payout, &change) {
            case .new: new += 1
            case .known: break
            case .elsewhere: elsewhere = try elsewhere.adding(line.net())
            }
        }
        for reference in reported.duplicates {
            try discrepancies.open(.duplicate, .init(subject: reference, payout: record.payout.id), in: &change)
        }
        if new > 0 || record.payout.id == pending.id {
            try sumUp(record, announced: reported.amount, elsewhere: elsewhere, in: &change)
        } else if provider == .alma, !wasWhole {
            // Told by an export before. A payout of Stripe's that failed is less than it was, so it is not asked.
            try checkSum(of: record, announced: reported.amount, elsewhere: elsewhere, in: &change)
        }
        payouts.note(toldWhole: record.payout.id, in: &change)
        if let word = reported.word { try match.hear(word, of: [record.payout.id], in: &change) }
    }

    private func answer(
        documents: Int, new: Int, all: Int, in change: inout Change
    ) throws -> ImportAnswer {
        let pointed = try match.run(in: &change)
        return ImportAnswer(
            documents: documents, linesNew: new, linesKnown: all - new, payoutsPointed: pointed,
            discrepanciesOpen: try discrepancies.countOpen(of: change.cause.organisation, &change.transaction))
    }

    /// A payout is the sum of its lines, also when a later report brought some of them.
    ///
    /// Of what was announced of it only that may lack which the provider has settled in other payouts: that is a
    /// discrepancy with a name, and no reason to take nothing more from this provider.
    private func sumUp(
        _ record: PayoutRecord, announced: Money?, elsewhere: Money?, in change: inout Change
    ) throws {
        let (id, amount) = (record.payout.id, record.payout.amount)
        try lines.bringBack.run(for: record.payout, in: &change)
        let sum = try checkSum(of: record, announced: announced, elsewhere: elsewhere, in: &change)
        // A file need not say what its payouts are; the provider's API has.
        if announced == nil, sum != amount, try payouts.isToldWhole(id, in: &change) {
            throw FileProblem.unlikeAPI(record.payout, sum)
        }
        if sum != amount { try payouts.set(sum, of: id, &change) }
        if record.pointedBy != nil { try match.bookAgain(id, in: &change) }
    }

    /// What the lines of a payout come to; refused where that and what other payouts have of it is not what was
    /// announced.
    @discardableResult
    private func checkSum(
        of record: PayoutRecord, announced: Money?, elsewhere: Money?, in change: inout Change
    ) throws -> Money {
        let (payout, currency) = (record.payout, record.payout.amount.currency)
        let sum = try settlements.sum(of: payout.id, in: currency, &change.transaction)
        guard let announced, try announced != sum.adding(elsewhere ?? .zero(currency)) else { return sum }
        throw FileProblem(
            line: nil,
            reason: """
                The payout \(payout.reference) is \(announced); with what earlier reports told of it, it would be \
                \(sum).
                """,
            remedy: "Ask the provider which of the reports is right.")
    }
}

extension FileProblem {
    fileprivate static func unlikeAPI(_ payout: PendingPayout, _ sum: Money) -> FileProblem {
        FileProblem(
            line: nil,
            reason: """
                The payout \(payout.reference) is \(payout.amount) as the provider's API told it; with this report it \
                would be \(sum).
                """,
            remedy: "Ask the provider which of the two is right.")
    }
}
