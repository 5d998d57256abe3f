/// Writes header lines of a mail, without the last line end.
enum MailHeader {
    /// Bytes of text in one encoded word; a multiple of three, and short enough for a line of 76.
    private static let encodedBytesMax = 45
    private static let lineBytesMax = 76
    /// Written from the mail's own parts, so nobody may add a second one.
    private static let own: Set<String> = [
        "date", "message-id", "from", "to", "reply-to", "subject", "mime-version", "content-type",
        "content-transfer-encoding", "content-disposition", "sender", "cc", "bcc",
    ]

    static func line(_ name: String, text: String) throws(MailMessage.Problem) -> String {
        guard isOneLine(text) else { throw .invalidHeader(name: name) }
        return "\(name):" + folded(words(text, after: name, quoting: false), after: name)
    }

    static func extraLine(_ name: String, _ text: String) throws(MailMessage.Problem) -> String {
        guard HeaderRules.isToken(name), !own.contains(name.lowercased()) else { throw .invalidHeader(name: name) }
        return try line(name, text: text)
    }

    static func line(_ name: String, mailboxes: [MailMessage.Mailbox]) throws(MailMessage.Problem) -> String {
        guard !mailboxes.isEmpty else { throw .invalidAddress }
        var all: [String] = []
        for (index, mailbox) in mailboxes.enumerated() {
            guard MailAddress.isValid(mailbox.address) else { throw .invalidAddress }
            let shown = mailbox.name ?? ""
            guard isOneLine(shown) else { throw .invalidHeader(name: name) }
            let comma = index == mailboxes.count - 1 ? "" : ","
            all += (shown.isEmpty ? [] : words(shown, after: name, quoting: true)) + ["<\(mailbox.address)>\(comma)"]
        }
        return "\(name):" + folded(all, after: name)
    }

    // MARK: Words

    private static func isOneLine(_ text: String) -> Bool { text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } }

    /// The text in pieces between which a line may end.
    private static func words(_ text: String, after name: String, quoting: Bool) -> [String] {
        let isPlain = text.utf8.allSatisfy { $0 < 0x7F } && !text.contains("=?")
        let plain = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        // A word too long for a line can only be divided as encoded words.
        guard isPlain, plain.allSatisfy({ $0.utf8.count < 60 }) else { return encodedWords(text, after: name) }
        return quoting ? [quoted(text)] : plain
    }

    private static func quoted(_ text: String) -> String {
        "\"\(text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined())\""
    }

    /// RFC 2047; no character is divided between two words, and the first word fits behind the header's name.
    private static func encodedWords(_ text: String, after name: String) -> [String] {
        let firstBytesMax = max(9, encodedBytesMax - (name.utf8.count + 3) / 4 * 3)
        var pieces: [[UInt8]] = [[]]
        for scalar in text.unicodeScalars {
            let bytes = Array(String(scalar).utf8)
            let bytesMax = pieces.count == 1 ? firstBytesMax : encodedBytesMax
            if pieces[pieces.count - 1].count + bytes.count > bytesMax { pieces.append([]) }
            pieces[pieces.count - 1] += bytes
        }
        return pieces.map { "=?utf-8?B?\(MailEncoding.base64($0))?=" }
    }

    private static func folded(_ words: [String], after name: String) -> String {
        var text = ""
        var length = name.utf8.count + 1
        for word in words {
            // An empty word stands for a second space; a line of nothing but spaces would end the header.
            let mustFold = length + 1 + word.utf8.count > lineBytesMax && !word.isEmpty && !text.isEmpty
            text += mustFold ? "\r\n \(word)" : " \(word)"
            length = (mustFold ? 0 : length) + 1 + word.utf8.count
        }
        return text
    }
}
