import PaymentModel

extension IBAN {
    /// The IBAN of a French account, whose own check digits are worked out; nil when it is none.
    static func french(bank: String, branch: String, account: String) -> String? {
        let account = plain(account)
        let padded = String(repeating: "0", count: max(0, 11 - account.count)) + account
        guard bank.count == 5, branch.count == 5, padded.count == 11,
            let digits = lettersAsDigits(padded), let bankCode = Int(bank), let branchCode = Int(branch),
            let accountCode = Int(digits)
        else { return nil }
        let key = 97 - (89 * bankCode + 15 * branchCode + 3 * accountCode) % 97
        let body = bank + branch + padded + (key < 10 ? "0" : "") + "\(key)"
        return (2...98).lazy.map { check in "FR" + (check < 10 ? "0" : "") + "\(check)" + body }
            .first { checked($0) != nil }
    }

    /// A and J are 1, B, K and S are 2 … as French account numbers count.
    private static func lettersAsDigits(_ text: String) -> String? {
        var digits = ""
        for byte in text.utf8 {
            switch byte {
            case 48...57: digits.append(Character(Unicode.Scalar(byte)))
            case 65...73: digits += "\(byte - 64)"
            case 74...82: digits += "\(byte - 73)"
            case 83...90: digits += "\(byte - 81)"
            default: return nil
            }
        }
        return digits
    }

    /// Whether a number has the form of an IBAN: two letters, two digits, then letters and digits.
    static func isWritten(as number: String) -> Bool {
        let bytes = Array(number.utf8)
        return bytes.count >= 5 && bytes.prefix(2).allSatisfy { (65...90).contains($0) }
            && bytes[2...3].allSatisfy { (48...57).contains($0) }
    }

    /// The number an account is known by: an IBAN, or what its bank calls it where it has none; nil for neither.
    static func ofAccount(_ text: String) -> String? {
        let number = plain(text)
        if isWritten(as: number) { return checked(number) }
        let isNumber = number.utf8.allSatisfy { (48...57).contains($0) || (65...90).contains($0) || $0 == 45 }
        return (4...34).contains(number.utf8.count) && isNumber ? number : nil
    }
}
