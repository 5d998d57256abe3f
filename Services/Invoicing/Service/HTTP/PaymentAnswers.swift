import InvoicingDomain
import PaymentModel

/// A payment on account as the API shows it.
struct PaymentAnswer: Codable, Sendable, ClientRow {
    struct Part: Codable, Sendable {
        let invoiceID: InvoiceID?
        let receivableID: ReceivableID?
        let amount: Money
        /// When something was last counted for it; not told of what was counted before this was kept.
        let countedOn: LocalDate?

        init(_ part: Allocation) {
            invoiceID = part.debt.invoice
            receivableID = part.debt.receivable
            amount = part.amount
            countedOn = part.countedOn
        }
    }

    struct Reversal: Codable, Sendable {
        let amount: Money
        let on: LocalDate
        let reason: String
    }

    let id: PaymentOnAccountID
    let clientID: ClientID
    let clinicID: ClinicID?
    let method: String
    private(set) var paymentID: PaymentID?
    let amount: Money
    let receivedOn: LocalDate
    private(set) var till: Till?
    private(set) var allocations: [Part]
    let unallocated: Money
    let refunded: Money
    /// Taken back by the provider after a dispute that was lost; not told while it is nothing.
    let chargedBack: Money?
    let reversal: Reversal?
    let archived: Archived?
    let version: Int64
    var client: ClientName?

    /// As somebody sees it whose clinics did not take it: what was counted for these debts, and nothing of the till.
    func shown(countedFor debts: [Debt]) -> PaymentAnswer {
        var shown = self
        (shown.till, shown.paymentID) = (nil, nil)
        shown.allocations = allocations.filter { part in
            debts.contains { $0.invoice == part.invoiceID && $0.receivable == part.receivableID }
        }
        return shown
    }

    init(_ record: PaymentRecord) {
        let payment = record.payment
        id = payment.id
        clientID = payment.client
        clinicID = payment.clinic
        method = payment.method
        paymentID = payment.payment
        amount = payment.amount
        receivedOn = payment.receivedOn
        till = payment.till.map { Till($0, of: payment) }
        allocations = payment.allocations.map(Part.init)
        unallocated = payment.unallocated
        refunded = payment.refunded
        chargedBack = payment.chargedBack.isZero ? nil : payment.chargedBack
        reversal = payment.reversal.map { Reversal(amount: $0.amount, on: $0.on, reason: $0.reason.rawValue) }
        archived = payment.archived.map { Archived(amount: $0.amount, on: $0.on, reason: $0.reason) }
        version = record.version
    }
}

extension PaymentAnswer {
    /// Credit that was put away.
    struct Archived: Codable, Sendable {
        let amount: Money
        let on: LocalDate
        let reason: String?
    }

    /// What was noted at the till: all that the receipt needs.
    struct Till: Codable, Sendable {
        let receiptNumber: String
        let kind: String
        let payerID: ClientID?
        let payerName: String?
        let collectedBy: String
        let tendered: Money?
        /// What goes back to the payer at once.
        let change: Money?
        let cheque: ChequeAnswer?
        let notes: String?

        init(_ note: TillNote, of payment: PaymentOnAccount) {
            receiptNumber = payment.receiptNumber ?? ""
            kind = note.kind.rawValue
            (payerID, payerName) =
                switch note.payer {
                case .theClient: (nil, nil)
                case .anotherClient(let id): (id, nil)
                case .somebody(let name): (nil, name)
                }
            collectedBy = note.collectedBy
            tendered = note.tendered
            change = note.change(of: payment.amount)
            cheque = note.cheque.map { ChequeAnswer(number: $0.number, bank: $0.bank, drawer: $0.drawer) }
            notes = note.notes
        }
    }

    struct ChequeAnswer: Codable, Sendable {
        let number: String
        let bank: String?
        let drawer: String?
    }
}

/// An online payment that waits for a person, as the API shows it (INV-13).
struct WaitingPaymentAnswer: Codable, Sendable, ClientRow {
    let paymentID: PaymentID
    let clientID: ClientID
    let clinicID: ClinicID?
    let invoiceID: InvoiceID?
    let receivableID: ReceivableID?
    let method: String
    let amount: Money
    let paidOn: LocalDate
    var client: ClientName?

    init(_ received: RecordPayment.Received) {
        paymentID = received.payment
        clientID = received.client
        clinicID = received.clinic
        invoiceID = received.debt?.invoice
        receivableID = received.debt?.receivable
        method = received.method
        amount = received.amount
        paidOn = received.on
    }
}

/// What a client owes without an invoice, as the API shows it (INV-8).
struct ReceivableAnswer: Codable, Sendable, ClientRow {
    let id: ReceivableID
    let clinicID: ClinicID
    let clientID: ClientID
    let label: String
    let amount: Money
    let paid: Money
    let credited: Money
    let writtenOff: Money
    let due: Money
    let recordedOn: LocalDate
    let dueOn: LocalDate
    let version: Int64
    var client: ClientName?

    init(_ record: ReceivableRecord) {
        let receivable = record.receivable
        id = receivable.id
        clinicID = receivable.clinic
        clientID = receivable.client
        label = receivable.terms.label
        amount = receivable.amount
        paid = receivable.paid
        credited = receivable.credited
        writtenOff = receivable.writtenOff
        due = receivable.due
        recordedOn = receivable.recordedOn
        dueOn = receivable.terms.dueOn
        version = record.version
    }
}

/// Something a client owes, as the till lists it.
struct DebtAnswer: Codable, Sendable {
    let invoiceID: InvoiceID?
    let receivableID: ReceivableID?
    let clinicID: ClinicID
    /// Number of the invoice, or what the receivable is for.
    let title: String
    let total: Money
    let due: Money
    let dueOn: LocalDate

    init(_ row: DebtRow) {
        invoiceID = row.debt.invoice
        receivableID = row.debt.receivable
        clinicID = row.clinic
        title = row.title
        total = row.total
        due = row.due
        dueOn = row.dueOn
    }
}

/// A way to be paid, as the API shows it (INV-6).
struct MethodAnswer: Codable, Sendable {
    let code: String
    let kind: String
    let label: String
    let online: Bool
    let active: Bool
    let journal: String
    let account: String
    let commissionAccount: String?
    /// 0: the program's default, which nobody has changed.
    let version: Int64

    init(_ record: MethodRecord) {
        let method = record.method
        code = method.code
        kind = method.kind.rawValue
        label = method.label
        online = method.isOnline
        active = method.isActive
        journal = method.journal
        account = method.account
        commissionAccount = method.commissionAccount
        version = record.version
    }
}

/// What an organisation decided about taking money, as the API shows it.
struct RulesAnswer: Codable, Sendable {
    let cashCeiling: Money
    let onlineAcceptance: String
    let severalOnlineDeposits: Bool
    /// 0: the program's standard, which nobody has changed.
    let version: Int64

    init(_ record: RulesRecord) {
        cashCeiling = record.rules.cashCeiling
        onlineAcceptance = record.rules.onlineAcceptance.rawValue
        severalOnlineDeposits = record.rules.severalOnlineDeposits
        version = record.version
    }
}
