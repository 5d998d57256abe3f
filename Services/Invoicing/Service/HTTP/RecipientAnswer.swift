import InvoicingDomain
import PaymentModel

/// Whom a message about an invoice, a receivable or recorded money goes to, and what it needs to say.
struct RecipientAnswer: Encodable, Sendable {
    private(set) var invoiceID: InvoiceID?
    private(set) var receivableID: ReceivableID?
    private(set) var paymentOnAccountID: PaymentOnAccountID?
    let clientID: ClientID
    let firstName: String
    let lastName: String
    let phone: String?
    let email: String?
    let language: Language
    let clinicName: String
    /// Of a debt what is due now; of money what is left of it, nothing where it was not received after all.
    let amount: Money
    private(set) var number: String?
    /// What a receivable is for; it has no number.
    private(set) var label: String?
    private(set) var dueOn: LocalDate?
    /// Whether the invoice bills a part of its quote before the rest.
    private(set) var isDeposit: Bool?
    /// What the step of dunning is called, and what is said there.
    private(set) var dunningLabel: String?
    private(set) var dunningText: String?
    /// From which day on it is said: levels may have changed since an invoice reached the one asked about.
    private(set) var dunningDaysLate: Int?
    /// Whether nobody asks the client by now: the pause may have come after the level was announced.
    private(set) var isDunningPaused: Bool?
    /// The day money was received on, which may be long before it was recorded.
    private(set) var receivedOn: LocalDate?

    private init(_ id: ClientID, _ client: ClientDetails, at clinic: ClinicRecord, _ amount: Money) {
        clientID = id
        firstName = client.firstName
        lastName = client.lastName
        phone = client.phone?.e164
        email = client.email?.text
        language = client.language
        clinicName = clinic.name
        self.amount = amount
    }

    /// Nil for a draft, which nobody is written to about.
    init?(
        _ invoice: Invoice, of client: ClientDetails, at clinic: ClinicRecord, asked level: DunningLevel?,
        isPaused: Bool?
    ) {
        guard let number = invoice.number else { return nil }
        self.init(invoice.client, client, at: clinic, invoice.due)
        invoiceID = invoice.id
        self.number = number
        dueOn = invoice.dueOn
        isDeposit = invoice.origin.isDeposit
        say(level, isPaused)
    }

    init(
        _ receivable: Receivable, of client: ClientDetails, at clinic: ClinicRecord, asked level: DunningLevel?,
        isPaused: Bool?
    ) {
        self.init(receivable.client, client, at: clinic, receivable.due)
        receivableID = receivable.id
        label = receivable.terms.label
        dueOn = receivable.terms.dueOn
        say(level, isPaused)
    }

    init(_ payment: PaymentOnAccount, of client: ClientDetails, at clinic: ClinicRecord) {
        let isReversed = payment.reversal != nil
        self.init(payment.client, client, at: clinic, isReversed ? .zero(payment.amount.currency) : payment.amount)
        paymentOnAccountID = payment.id
        receivedOn = payment.receivedOn
    }

    private mutating func say(_ level: DunningLevel?, _ isPaused: Bool?) {
        dunningLabel = level?.label
        dunningText = level?.text
        dunningDaysLate = level?.daysLate
        isDunningPaused = isPaused
    }
}
