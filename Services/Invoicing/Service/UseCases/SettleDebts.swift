import HTTPServer
import InvoicingDomain
import PaymentModel
import TransactionalMessaging

/// Closes what a client still owes of a period: what is left is written off, with reason and author (INV-11).
struct SettleDebts {
    let database: Database
    let ids: IdentifierSource
    let audit: AuditStore
    let clients = ClientStore()
    let debts = DebtList()
    let writing = WriteOff()
    let settlements = SettlementStore()
    let organisations = OrganisationStore()

    /// Which debts, and why.
    struct Wish: Sendable {
        let client: ClientID
        /// Days of issue, both included.
        let first: LocalDate
        let last: LocalDate
        let reason: String
        let on: LocalDate
    }

    /// Nothing of the period is due.
    struct NothingDue: Error {}

    /// More of several days is due than is closed at once; a part of it would read as all.
    struct TooManyDue: Error {}

    /// It would be given up, or asked for again, before it was there to be.
    struct TooEarly: Error {
        /// The first day that can be.
        let first: LocalDate
    }

    /// Debts closed at once; who has more settles shorter periods, and a day that has more in parts.
    static let debtsMax = 1_000

    /// `clinics` are those the caller acts for; what is owed to others stays.
    func run(
        _ wish: Wish, for clinics: ClinicAccess, because cause: Cause
    ) async throws -> Applied<SettlementAnswer> {
        let id: SettlementID = ids.make()
        return try await database.change(because: cause) { change in
            guard try clients.has(wish.client, in: &change) else { throw NotFound.client(wish.client) }
            let found = try debts.open(
                of: wish.client, from: wish.first, to: wish.last, at: clinics.list,
                rows: SettleDebts.debtsMax + 1, in: &change)
            let isMoreDue = found.count > SettleDebts.debtsMax
            // No period is shorter than a day: its first debts are closed, and the answer says that there are more.
            guard !isMoreDue || wish.first == wish.last else { throw TooManyDue() }
            let open = found.prefix(SettleDebts.debtsMax).sorted()
            let given = try open.compactMap { debt in try writing.writeOff(debt, on: wish.on, in: &change) }
            let parts = given.map(\.part)
            guard let first = parts.first, let latest = given.map(\.of).max() else { throw NothingDue() }
            guard wish.on >= latest else { throw TooEarly(first: latest) }
            try organisations.admit(wish.on, as: "/on", in: &change)
            let settlement = Settlement(
                id: id, client: wish.client, first: wish.first, last: wish.last, reason: wish.reason,
                author: cause.actor, settledOn: wish.on, parts: parts)
            try settlements.insert(settlement, in: first.amount.currency, &change)
            let answer = SettlementAnswer(settlement, moreDue: isMoreDue ? true : nil)
            try audit.record(
                "debts-settled", about: wish.client, and: settlement.things, before: nil as SettlementAnswer?,
                after: answer, in: &change)
            return answer
        }
    }

    /// Asks for everything again that a settlement gave up; who does not act for all of its clinics sees none of it.
    func undo(
        _ id: SettlementID, on day: LocalDate, saying reason: String?, seen version: Int64, for clinics: ClinicAccess,
        because cause: Cause
    ) async throws -> Applied<SettlementAnswer> {
        try await database.change(because: cause) { change in
            guard var settlement = try settlements.lock(id, in: &change) else { throw NotFound.settlement(id) }
            guard settlement.version == version else { throw StaleVersion(current: settlement.version) }
            guard settlement.undoneOn == nil else { throw AlreadyUndone() }
            guard day >= settlement.settledOn else { throw TooEarly(first: settlement.settledOn) }
            try organisations.admit(day, as: "/on", in: &change)
            let before = SettlementAnswer(settlement)
            for part in settlement.parts.sorted(by: { $0.debt < $1.debt }) {
                let clinic = try writing.reopen(part, on: day, in: &change)
                guard clinics.includes(clinic) else { throw NotFound.settlement(id) }
            }
            try settlements.undo(id, on: day, saying: reason, in: &change)
            (settlement.undoneOn, settlement.undoneBy, settlement.undoneReason) = (day, cause.actor, reason)
            settlement.version += 1
            let answer = SettlementAnswer(settlement)
            try audit.record(
                "settlement-undone", about: settlement.client, and: settlement.things, before: before, after: answer,
                in: &change)
            return answer
        }
    }

    /// Somebody undid it before.
    struct AlreadyUndone: Error {}
}

extension Settlement {
    /// What the trail tells of it is about, beside its client.
    fileprivate var things: [UInt128] { [id.value] + parts.map(\.debt.value) }
}

/// Gives up what is due of one debt, and asks for it again.
struct WriteOff {
    let invoices = InvoiceStore()
    let receivables = ReceivableStore()

    /// What was given up of a debt, and the day that the debt is of.
    typealias Given = (part: Allocation, of: LocalDate)

    /// Answers nil when nothing was due any more.
    func writeOff(_ debt: Debt, on day: LocalDate, in change: inout Change) throws -> Given? {
        switch debt {
        case .invoice(let id):
            guard var invoice = try invoices.lock(id, in: &change), invoice.due.isPositive,
                let issuedOn = invoice.issuedOn
            else { return nil }
            let amount = try invoice.writeOff()
            try invoices.save(invoice, in: &change)
            change.announceWriteOff(of: debt, amount, by: invoice.client, at: invoice.clinic, on: day)
            return (part: Allocation(debt, amount), of: issuedOn)
        case .receivable(let id):
            guard var record = try receivables.lock(id, in: &change), record.receivable.due.isPositive else {
                return nil
            }
            let amount = try record.receivable.writeOff()
            try receivables.save(record.receivable, in: &change)
            let receivable = record.receivable
            change.announceWriteOff(of: debt, amount, by: receivable.client, at: receivable.clinic, on: day)
            return (part: Allocation(debt, amount), of: receivable.recordedOn)
        }
    }

    /// Answers the clinic it is owed to.
    func reopen(_ part: Allocation, on day: LocalDate, in change: inout Change) throws -> ClinicID {
        switch part.debt {
        case .invoice(let id):
            guard var invoice = try invoices.lock(id, in: &change) else { throw NotFound.invoice(id) }
            try invoice.reopen(part.amount)
            try invoices.save(invoice, dueAgainOn: day, in: &change)
            change.announceReopening(of: part.debt, due: invoice.due, by: invoice.client, at: invoice.clinic)
            return invoice.clinic
        case .receivable(let id):
            guard var record = try receivables.lock(id, in: &change) else { throw NotFound.receivable(id) }
            try record.receivable.reopen(part.amount)
            try receivables.save(record.receivable, dueAgainOn: day, in: &change)
            let receivable = record.receivable
            change.announceReopening(
                of: part.debt, due: receivable.due, by: receivable.client, at: receivable.clinic)
            return receivable.clinic
        }
    }
}

/// A settlement as the API shows it.
struct SettlementAnswer: Codable, Sendable {
    let id: SettlementID
    let clientID: ClientID
    let from: LocalDate
    let to: LocalDate
    let reason: String
    let author: String
    let settledOn: LocalDate
    let parts: [PaymentAnswer.Part]
    let undoneOn: LocalDate?
    let undoneBy: String?
    let undoneReason: String?
    let version: Int64
    /// True where it was just made and closed a part of its day only.
    let moreDue: Bool?

    init(_ settlement: Settlement, moreDue: Bool? = nil) {
        self.moreDue = moreDue
        id = settlement.id
        clientID = settlement.client
        from = settlement.first
        to = settlement.last
        reason = settlement.reason
        author = settlement.author
        settledOn = settlement.settledOn
        parts = settlement.parts.map(PaymentAnswer.Part.init)
        undoneOn = settlement.undoneOn
        undoneBy = settlement.undoneBy
        undoneReason = settlement.undoneReason
        version = settlement.version
    }
}
