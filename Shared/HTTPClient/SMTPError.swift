/// Why a mail was not accepted; what matters is whether it may be on its way all the same.
package enum SMTPError: Error, Sendable, Hashable {
    /// The server refused this mail and will not deliver it to anyone; permanent for 5xx, temporary for 4xx.
    ///
    /// `text` is the server's and may hold an address: it is not part of the description, keep it out of logs.
    case refused(code: Int, text: String, permanent: Bool)
    /// The server never had the whole mail: nobody will receive it, a retry is safe.
    case neverSent(TransferFailure)
    /// The mail was handed over whole and the answer is missing: it may be delivered.
    case outcomeUnknown(TransferFailure)
    /// An address with anything but `local@domain` in printable ASCII, or no recipient; nothing was sent.
    case invalidAddress
    /// Longer than allowed, or with a line break that is not CR LF; nothing was sent.
    case invalidMessage

    /// Whether somebody may receive the mail.
    package var effectIsPossible: Bool {
        switch self {
        case .outcomeUnknown: true
        case .refused, .neverSent, .invalidAddress, .invalidMessage: false
        }
    }
}

extension SMTPError: CustomStringConvertible {
    /// A sentence for a log, without the server's text.
    package var description: String {
        switch self {
        case .refused(let code, _, let permanent):
            "the server refused the mail \(permanent ? "for good" : "for now") with \(code)"
        case .neverSent(let failure): "the mail was never sent: \(failure)"
        case .outcomeUnknown(let failure): "the outcome of the mail is unknown: \(failure)"
        case .invalidAddress: "an address of the envelope is not valid"
        case .invalidMessage: "the message is too long or has a bare line break"
        }
    }
}
