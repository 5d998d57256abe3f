import FoundationEssentials
import PaymentModel

/// What the fact itself says and its message repeats; nothing personal.
struct MessageFacts: Codable, Sendable {
    var amount: Money?
    /// Of the debit a notice is about.
    var day: LocalDate?

    init(amount: Money? = nil, day: LocalDate? = nil) {
        self.amount = amount
        self.day = day
    }

    init(_ text: String) throws { self = try JSONDecoder().decode(MessageFacts.self, from: Data(text.utf8)) }

    func text() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
