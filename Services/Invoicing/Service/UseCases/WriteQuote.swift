import HTTPServer
import InvoicingDomain
import PaymentModel
import TransactionalMessaging

/// What a person writes on a quote.
struct QuoteDraft: Sendable {
    let client: ClientID
    let clinic: ClinicID
    let content: DocumentContent
    let dates: QuoteDates
}

/// Writes a quote and gives it its number, or gives it up (INV-3).
struct WriteQuote {
    let database: Database
    let ids: IdentifierSource
    let quotes = QuoteStore()
    let clients = ClientStore()
    let organisations = OrganisationStore()
    let series = SeriesStore()
    let sellers = SellerStore()
    private var audit: AuditStore { AuditStore(ids: ids) }

    func run(_ draft: QuoteDraft, because cause: Cause) async throws -> Applied<QuoteAnswer> {
        let id: QuoteID = ids.make()
        return try await database.change(because: cause) { change in
            guard try organisations.hasClinic(draft.clinic, in: &change) else { throw NotFound.clinic(draft.clinic) }
            guard try clients.has(draft.client, in: &change) else { throw NotFound.client(draft.client) }
            try sellers.vatRule(in: &change).admitIssue(of: draft.content.lines)
            // Decides before it numbers, since a refused quote must not lock its series.
            _ = try quote(draft, id, number: "-")
            let place = try series.next(.quote, of: draft.clinic, on: .chosen(draft.dates.issuedOn), &change)
            let quote = try quote(draft, id, number: place.number)
            try quotes.insert(quote, in: &change)
            change.announceIssue(of: quote)
            let answer = QuoteAnswer(QuoteRecord(quote: quote))
            try audit.record("quote-written", about: id, before: nil as QuoteAnswer?, after: answer, in: &change)
            return answer
        }
    }

    private func quote(_ draft: QuoteDraft, _ id: QuoteID, number: String) throws -> Quote {
        try Quote(
            id: id, clinic: draft.clinic, client: draft.client, number: number, content: draft.content,
            dates: draft.dates)
    }

    func decline(
        _ id: QuoteID, seen version: Int64, for clinics: ClinicAccess, because cause: Cause
    ) async throws -> Applied<QuoteAnswer> {
        try await database.change(because: cause) { change in
            var record = try quotes.lock(id, seen: version, for: clinics, in: &change)
            let before = QuoteAnswer(record)
            try record.quote.decline()
            try quotes.save(record.quote, in: &change)
            record.version += 1
            let answer = QuoteAnswer(record)
            try audit.record("quote-declined", about: id, before: before, after: answer, in: &change)
            return answer
        }
    }
}

extension QuoteStore {
    /// Locks a quote for a person who has seen it, and whom nobody has overtaken since.
    func lock(
        _ id: QuoteID, seen version: Int64, for clinics: ClinicAccess, in change: inout Change
    ) throws -> QuoteRecord {
        guard let record = try lock(id, in: &change), clinics.includes(record.quote.clinic) else {
            throw NotFound.quote(id)
        }
        guard record.version == version else { throw StaleVersion(current: record.version) }
        return record
    }
}
