import FoundationEssentials
import PaymentModel

/// What the fact itself says and its message repeats; nothing personal.
struct MessageFacts: Codable, Sendable {
    var amount: Money?
    /// Of the debit a notice is about.
    var day: LocalDate?
    /// The name of the code a message brings; the code itself is asked for when the message is written.
    var verification: VerificationID?

    init(amount: Money? = nil, day: LocalDate? = nil, verification: VerificationID? = nil) {
        self.amount = amount
        self.day = day
        self.verification = verification
    }

    init(_ text: String) throws { self = try JSONDecoder().decode(MessageFacts.self, from: Data(text.utf8)) }

    func text() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
