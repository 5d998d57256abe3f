package import PaymentModel

/// The note kept with where a message is, as a sentence for whoever asks (GEN-5).
extension Sentence {
    /// What the note names, such as a gateway's number, is a value in it; any other is one phrase, or the error of a
    /// connection.
    package static func note(_ note: String) -> Sentence {
        for (head, told) in beginnings where note.hasPrefix(head) { return told(String(note.dropFirst(head.count))) }
        return Sentence(note)
    }

    /// How notes begin that name something.
    private static let beginnings: [(head: String, told: @Sendable (String) -> Sentence)] = [
        ("settled by a person: ", { "settled by a person: \($0)" }),
        ("receipt ", { "receipt \($0)" }),
        ("the gateway's status is ", { "the gateway's status is \($0)" }),
        ("the gateway's code is ", { "the gateway's code is \($0)" }),
        ("the gateway answered ", { Self.answered($0) }),
        ("the gateway sent it to nobody: ", { "the gateway sent it to nobody: \($0)" }),
        ("the mail server answered ", { "the mail server answered \($0)" }),
        (
            "its attachments are larger than ",
            { "its attachments are larger than \($0.dropLast(" bytes".count)) bytes" }
        ),
        ("its document could not be fetched: ", { "its document could not be fetched: \($0)" }),
        ("its pay link could not be asked for: ", { "its pay link could not be asked for: \($0)" }),
    ]

    private static let unreadable = " without a readable body"

    private static func answered(_ status: String) -> Sentence {
        guard status.hasSuffix(unreadable) else { return "the gateway answered \(status)" }
        return "the gateway answered \(status.dropLast(unreadable.count)) without a readable body"
    }
}
