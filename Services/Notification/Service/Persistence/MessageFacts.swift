import FoundationEssentials
import PaymentModel

/// What the fact itself says and its message repeats; nothing personal.
struct MessageFacts: Codable, Sendable {
    var amount: Money?

    init(amount: Money?) { self.amount = amount }

    init(_ text: String) throws { self = try JSONDecoder().decode(MessageFacts.self, from: Data(text.utf8)) }

    func text() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
