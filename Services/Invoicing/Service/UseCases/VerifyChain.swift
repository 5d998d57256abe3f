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
        var findings: [Finding] = []
        for series in try await database.read(organisation: nil, chains.all) {
            findings.append(try await verify(series))
        }
        return findings
    }

    private func verify(_ series: ChainedSeries) async throws -> Finding {
        var walk = ChainWalk(series)
        while walk.broken == nil {
            let place = walk.last
            let found = try await database.read(organisation: nil) { transaction in
                try documents(of: series, after: place, &transaction)
            }
            for document in found where walk.broken == nil { walk.take(document) }
            if found.count < VerifyChain.rows { break }
        }
        return walk.finding()
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
        documents += 1
    }

    func finding() -> VerifyChain.Finding {
        let isShort = broken == nil && documents > 0 && (last != series.last || hash != series.hash)
        let end = isShort ? "the end is missing: \(series.last) numbers were given" : nil
        return VerifyChain.Finding(series: series.name, documents: documents, broken: broken ?? end)
    }
}
