import HTTPServer
import PaymentModel
import PaymentOrchestratorDomain

// Why something that is owed cannot be paid online.

extension Problems {
    static func ofOther(_ other: LivePayment, of debt: Debt, _ remedy: Sentence) -> Problem {
        switch debt {
        case .invoice:
            Problem(
                .otherPaymentIsLive,
                detail: "The payment \(other.id) of the invoice is \(other.state.rawValue): both could be paid.",
                remedy: remedy)
        case .receivable:
            Problem(
                .otherPaymentIsLive,
                detail: "The payment \(other.id) of the receivable is \(other.state.rawValue): both could be paid.",
                remedy: remedy)
        }
    }

    static func ofUnknown(_ debt: Debt) -> Problem {
        switch debt {
        case .invoice:
            .field(
                "/invoiceID", reason: "It is not an issued invoice we know.",
                remedy: "Issue it first; if it was just issued, send the same request again in a moment.")
        case .receivable:
            .field(
                "/receivableID", reason: "It is not a receivable we know.",
                remedy: "Record it first; if it was just recorded, send the same request again in a moment.")
        }
    }

    static func ofArrival(_ rejection: ConfirmArrival.Rejection) -> Problem {
        switch rejection {
        case .invoiceNotThere:
            .field("/invoiceID", reason: "Invoicing does not know it.", remedy: "Give the id of an issued invoice.")
        case .invoiceNotIssued:
            .field("/invoiceID", reason: "It is not issued.", remedy: "Issue it first, then ask for the payment.")
        case .receivableNotThere:
            .field(
                "/receivableID", reason: "Invoicing does not know it.",
                remedy: "Give the id of something that is owed without an invoice.")
        case .clientNotThere:
            .field("/clientID", reason: "Invoicing does not know it.", remedy: "Enter the client first.")
        }
    }

    static func ofReceivable(_ rejection: Receivable.Rejection) -> Problem {
        switch rejection {
        case .notOnline:
            Problem(
                .receivableNotOnline,
                detail: "It was issued so, as is a deposit of a quote that has another one paid online.",
                remedy: "Take the money at the clinic and record it in invoicing, or ask for the quote's other deposit."
            )
        case .settled:
            Problem(
                .receivableSettled, detail: "It is paid, credited or settled already.",
                remedy: "There is nothing to pay.")
        case .otherClinic:
            .field("/clinicID", reason: "It is owed to another clinic.", remedy: "Give the clinic it is owed to.")
        case .otherClient:
            .field("/clientID", reason: "Another client owes it.", remedy: "Give the client who owes it.")
        case .moreThanDue(let due): .field("/amount", reason: "Only \(due) are owed.", remedy: "Ask for at most that.")
        case .otherCurrency(let currency):
            .field(
                "/amount/currency", reason: "It is owed in \(currency.code).",
                remedy: "Give the amount in \(currency.code).")
        }
    }
}
