import InvoicingDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Proves that issued documents are what they were when they were issued, or names the first that is not (INV-4).
struct VerifyChain {
    let database: Database
    let chains = ChainStore()
    let invoices = InvoiceStore()
    let notes = CreditNoteStore()
    let payments = PaymentOnAccountStore()
    let parties = PartiesStore()

    /// Documents read at once.
    private static let rows = 500

    /// What one series was found to be.
    struct Finding: Sendable, Equatable {
        /// What its numbers begin with.
        let series: String
        let documents: Int
        /// The first document that breaks the chain and why; nil when it is whole.
        let broken: String?
        /// The place in the series of the first document in the chain: those before it are older than the chains.
        var first: Int64 = 1

        /// As a person reads it.
        var line: String { "\(series): \(documents) documents, \(broken ?? whole)" }

        private var whole: String {
            guard documents > 0 else { return "all were issued before there were chains" }
            return first > 1 ? "whole from number \(first) on, before which there were no chains" : "whole"
        }
    }

    /// All series of all organisations.
    func run() async throws -> [Finding] {
        let (all, loose, stray) = try await database.read(organisation: nil) { transaction in
            (try chains.all(&transaction), try chains.loose(&transaction), try chains.stray(&transaction))
        }
        var findings: [Finding] = []
        for series in all { findings.append(try await verify(series, loose.first { $0.series == series })) }
        // A series of which nothing says that it is chained is older than the chains, or was taken out as a whole.
        for outside in loose where !all.contains(outside.series) {
            let broken = outside.isYounger ? "\(outside.number): it is in no chain" : nil
            findings.append(Finding(series: outside.series.name, documents: 0, broken: broken))
        }
        for notes in stray {
            let broken = "\(notes.first): its invoice is missing"
            findings.append(Finding(series: notes.series, documents: Int(notes.count), broken: broken))
        }
        return findings
    }

    /// Documents are issued meanwhile: the chain leads through the end it had before the walk, and not beyond the one
    /// it has after it.
    private func verify(_ series: ChainedSeries, _ outside: LooseDocuments?) async throws -> Finding {
        var walk = ChainWalk(series, through: try await end(of: series))
        try await goOn(&walk)
        return walk.finding(outside, endingAt: try await end(of: series))
    }

    private func end(of series: ChainedSeries) async throws -> ChainEnd? {
        try await database.read(organisation: nil) { transaction in try chains.end(of: series, &transaction) }
    }

    private func goOn(_ walk: inout ChainWalk) async throws {
        while walk.broken == nil {
            let (series, place) = (walk.series, walk.last)
            let found = try await database.read(organisation: nil) { transaction in
                try documents(of: series, after: place, &transaction)
            }
            for document in found where walk.broken == nil { walk.take(document) }
            if found.count < VerifyChain.rows { break }
        }
    }

    private func documents(
        of series: ChainedSeries, after place: Int64, _ transaction: inout PostgresTransaction
    ) throws -> [ChainWalk.Document] {
        switch series.kind {
        case .invoice:
            let chained = try invoices.chained(
                of: series.clinic, in: series.year, after: place, rows: VerifyChain.rows, &transaction)
            let sealed = try parties.sealed(of: chained.map(\.document.id.value), in: &transaction)
            return chained.map { found in
                let (invoice, parties) = (found.document, sealed[found.document.id.value])
                return ChainWalk.Document(
                    number: invoice.number ?? "", link: found.link,
                    flaw: SealedParties.flaw(parties, ofDocumentOn: invoice.issuedOn),
                    text: { invoice.chainText(after: $0, between: parties?.chained) })
            }
        case .creditNote:
            let chained = try notes.chained(
                of: series.clinic, in: series.year, after: place, rows: VerifyChain.rows, &transaction)
            let sealed = try parties.sealed(of: chained.map(\.document.id.value), in: &transaction)
            return chained.map { found in
                let (note, parties) = (found.document, sealed[found.document.id.value])
                return ChainWalk.Document(
                    number: note.number, link: found.link,
                    flaw: SealedParties.flaw(parties, ofDocumentOn: note.issuedOn),
                    text: { note.chainText(after: $0, between: parties?.chained) })
            }
        case .receipt:
            return try payments.chained(
                of: series.clinic, in: series.year, after: place, rows: VerifyChain.rows, &transaction
            ).map { found in
                ChainWalk.Document(
                    number: found.payment.receiptNumber ?? "", link: found.link,
                    flaw: found.hasItsWords ? nil : ChainWalk.changed,
                    text: {
                        found.payment.chainText(after: $0, madeOutTo: found.client, words: found.words?.digest)
                    })
            }
        case .quote: return []
        }
    }
}

/// A walk along one chain from its first document to its last.
private struct ChainWalk {
    struct Document {
        let number: String
        let link: ChainLink?
        /// What is wrong with what its hash holds by a digest alone; nil when nothing is.
        let flaw: String?
        let text: @Sendable (String) -> ChainText?
    }

    static let changed = "it is not what was issued"

    let series: ChainedSeries
    /// Where it ended before the walk; nil when nothing says so.
    private let end: ChainEnd?
    private var hasPassedEnd = false
    private(set) var last: Int64 = 0
    private var first: Int64?
    private(set) var broken: String?
    private var hash = ""
    private var documents = 0

    init(_ series: ChainedSeries, through end: ChainEnd?) {
        self.series = series
        self.end = end
    }

    mutating func take(_ document: Document) {
        guard let link = document.link, let text = document.text(hash) else {
            broken = "a document in the chain has no number"
            return
        }
        // What was issued before there were chains has no place in one; the first that has begins it.
        guard documents == 0 || link.sequence == last + 1 else {
            broken = "\(document.number): the one before it is missing"
            return
        }
        if let flaw = document.flaw ?? (ChainLink.hash(text) == link.hash ? nil : ChainWalk.changed) {
            broken = "\(document.number): \(flaw)"
            return
        }
        (last, hash) = (link.sequence, link.hash)
        first = first ?? last
        documents += 1
        if end == ChainEnd(last: last, hash: hash) { hasPassedEnd = true }
    }

    /// `outside` was issued without a place in the chain, which only what came before the chain may be; `latest` is
    /// where it ends after the walk.
    func finding(_ outside: LooseDocuments?, endingAt latest: ChainEnd?) -> VerifyChain.Finding {
        let broken = broken ?? wrongEnd(latest) ?? stranger(outside)
        return VerifyChain.Finding(series: series.name, documents: documents, broken: broken, first: first ?? 1)
    }

    private func wrongEnd(_ latest: ChainEnd?) -> String? {
        guard let end, let latest else { return "what says where it ends is missing" }
        guard hasPassedEnd else { return "the end is missing: \(end.last) numbers were given" }
        return last > latest.last ? "\(last) is beyond its end: \(latest.last) numbers were given" : nil
    }

    private func stranger(_ outside: LooseDocuments?) -> String? {
        guard let outside, outside.isYounger || outside.last >= first ?? 1 else { return nil }
        return "\(outside.number): it is in no chain"
    }
}
