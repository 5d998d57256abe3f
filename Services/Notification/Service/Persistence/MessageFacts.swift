import FoundationEssentials
import PaymentModel
import PostgresClient

/// What the fact itself says and its message repeats; nothing personal.
struct MessageFacts: Codable, Sendable {
    var amount: Money?
    /// Of the debit a notice is about, or by which an invoice is to be paid.
    var day: LocalDate?
    /// The name of the code a message brings; the code itself is asked for when the message is written.
    var verification: VerificationID?
    /// Of the document, where its owner is not asked for it.
    var number: String?
    /// The document, where it is not the invoice itself.
    var creditNote: CreditNoteID?
    /// Of dunning.
    var level: Int?
    /// When that level was reached.
    var daysLate: Int?
    /// The one whose link is mailed, where the message is about its invoice.
    var payment: PaymentID?

    init(
        amount: Money? = nil, day: LocalDate? = nil, verification: VerificationID? = nil, number: String? = nil,
        creditNote: CreditNoteID? = nil, level: Int? = nil
    ) {
        self.amount = amount
        self.day = day
        self.verification = verification
        self.number = number
        self.creditNote = creditNote
        self.level = level
    }

    init(_ text: String) throws { self = try JSONDecoder().decode(MessageFacts.self, from: Data(text.utf8)) }

    func text() throws -> String { try PostgresJSON.of(self).text }
}
