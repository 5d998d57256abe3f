package import PaymentModel

extension Reading {
    static let ibanRemedy: Sentence =
        "Give the IBAN as on the bank's papers, such as FR76 3000 6000 0112 3456 7890 189."

    static func iban(_ value: JSONValue) throws(Refusal) -> String {
        let text = try parsed(value, max: IBAN.textMax, remedy: ibanRemedy) { text in text }
        if let fault = IBAN.fault(in: text) { throw Refusal(reason: fault.reason, remedy: ibanRemedy) }
        return IBAN.plain(text)
    }
}

extension IBAN.Fault {
    /// What is wrong, for the person who typed it.
    package var reason: Sentence {
        switch self {
        case .form: "An IBAN is two letters for the country, two digits, then letters and digits."
        case .length(let count, let country, let expected):
            "An IBAN that begins with \(country) has \(expected) characters, this one has \(count)."
        case .checkDigits:
            """
            The check digits, the two after the country, do not fit the rest: one character is mistyped, or two have \
            changed places.
            """
        }
    }
}
