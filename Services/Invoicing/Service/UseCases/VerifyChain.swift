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

    /// Documents read at once.
    private static let rows = 500

    /// What one series was found to be.
    struct Finding: Sendable, Equatable {
        /// What its numbers begin with.
        let series: String
        let documents: Int
        /// The first document that breaks the chain and why; nil when it is whole.
        let broken: String?
    }

    /// All series of all organisations.
    func run() async throws -> [Finding] {
        let (all, loose) = try await database.read(organisation: nil) { transaction in
            (try chains.all(&transaction), try chains.loose(&transaction))
        }
        var findings: [Finding] = []
        for series in all {
            let outside = loose.first {
                $0.kind == series.kind && $0.clinic == series.clinic && $0.year == series.year
            }
            findings.append(try await verify(series, outside))
        }
        return findings
    }

    private func verify(_ series: ChainedSeries, _ outside: LooseDocuments?) async throws -> Finding {
        var walk = ChainWalk(series)
        while walk.broken == nil {
            let place = walk.last
            let found = try await database.read(organisation: nil) { transaction in
                try documents(of: series, after: place, &transaction)
            }
            for document in found where walk.broken == nil { walk.take(document) }
            if found.count < VerifyChain.rows { break }
        }
        return walk.finding(outside)
    }

    private func documents(
        of series: ChainedSeries, after place: Int64, _ transaction: inout PostgresTransaction
    ) throws -> [ChainWalk.Document] {
        switch series.kind {
        case .invoice:
            try invoices.chained(
                of: series.clinic, in: series.year, after: place, rows: VerifyChain.rows, &transaction
            ).map { found in
                ChainWalk.Document(
                    number: found.document.number ?? "", link: found.link,
                    text: { found.document.chainText(after: $0) })
            }
        case .creditNote:
            try notes.chained(
                of: series.clinic, in: series.year, after: place, rows: VerifyChain.rows, &transaction
            ).map { found in
                ChainWalk.Document(
                    number: found.document.number, link: found.link, text: { found.document.chainText(after: $0) })
            }
        case .receipt, .quote: []
        }
    }
}

/// A walk along one chain from its first document to its last.
private struct ChainWalk {
    struct Document {
        let number: String
        let link: ChainLink?
        let text: @Sendable (String) -> ChainText?
    }

    let series: ChainedSeries
    private(set) var last: Int64 = 0
    private var first: Int64?
    private(set) var broken: String?
    private var hash = ""
    private var documents = 0

    init(_ series: ChainedSeries) { self.series = series }

    mutating func take(_ document: Document) {
        guard let link = document.link, let text = document.text(hash) else { return }
        // What was issued before there were chains has no place in one; the first that has begins it.
        guard documents == 0 || link.sequence == last + 1 else {
            broken = "\(document.number): the one before it is missing"
            return
        }
        guard ChainLink.hash(text) == link.hash else {
            broken = "\(document.number): it is not what was issued"
            return
        }
        (last, hash) = (link.sequence, link.hash)
        first = first ?? last
        documents += 1
    }

    /// `outside` was issued without a place in the chain, which only what came before the chain may be.
    func finding(_ outside: LooseDocuments?) -> VerifyChain.Finding {
        let end = last == series.last && hash == series.hash ? nil : endMissing
        let stranger = outside.flatMap { $0.last >= first ?? 1 ? "\($0.number): it is in no chain" : nil }
        return VerifyChain.Finding(series: series.name, documents: documents, broken: broken ?? end ?? stranger)
    }

    private var endMissing: String {
        series.last == 0
            ? "what says where it ends is missing" : "the end is missing: \(series.last) numbers were given"
    }
}
