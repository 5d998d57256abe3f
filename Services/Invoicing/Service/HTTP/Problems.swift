import HTTPServer
import InvoicingDomain
import PageWriter
import PaymentModel
import PostgresClient

/// What the service's own refusals are as problems, so that routes need not translate each.
enum Problems {
    /// Nil for what is no refusal but a failure.
    static func problem(for error: any Error) -> Problem? {
        switch error {
        case NotFound.phone:
            Problem.field(
                "/phone", reason: "No client has this number.", remedy: "Take the client in first, or give clientID.")
        case NotFound.organisation:
            Problem(
                .notFound, detail: "Nothing is known of the organisation yet.",
                remedy: "Say its name first: PUT /v1/organisation.")
        case let missing as NotFound: Problem.notFound(missing.what)
        case let stale as StaleVersion:
            Problem(
                .changedSince, detail: "The current version is \(stale.current).",
                remedy: "Read it again and send the change with its new ETag.")
        case let rejection as InvoiceRejection: refused(rejection)
        case let rejection as VATRejection: refused(rejection)
        case let refusal as PrintDocument.NotElectronic:
            Problem(
                .conflict, detail: "\(refusal.number) names its seller by no number, so it is no e-invoice.",
                remedy: "Put siren or vatNumber into /v1/organisation/seller before the next document is issued.")
        case let error as PageError:
            Problem(
                .unavailable, detail: "The document can't be drawn: \(error.reason).",
                remedy: "Tell whoever runs the service.")
        case is KeepSeller.NothingSaid:
            Problem(
                .conflict, detail: "Nothing was said of the organisation as a seller yet.",
                remedy: "Put /v1/organisation/seller first.")
        case is DocumentRoutes.NoPayAddress:
            Problem(
                .conflict, detail: "The service was not told where clients pay.",
                remedy: "Leave payToken out, or have QUITTANCE_PUBLIC_URL set to the address of the links.")
        case let refusal as StartImport.Refusal: refused(refusal)
        case let error as PostgresError: constrained(error)
        default: ClientProblems.problem(for: error) ?? MoneyProblems.problem(for: error)
        }
    }

    // Not overloads of the function above: an answer that is not optional would lose against it, which then calls
    // itself for ever.

    private static func refused(_ refusal: StartImport.Refusal) -> Problem {
        switch refusal {
        case .noText:
            Problem(
                .unsupportedMediaType, detail: "The file is no text: it may be a spreadsheet or an archive.",
                remedy: "Export it as CSV.")
        case .noMapping(let name):
            .field(
                "?mapping", reason: "There is no mapping \"\(name)\".",
                remedy: "Put /v1/import-mappings/{name} first, or leave it out.")
        case .otherKind(let name, let kind):
            .field(
                "?mapping", reason: "The mapping \"\(name)\" is for \(kind.rawValue).",
                remedy: "Give one for files of this kind.")
        case .tooManyOpen(let count):
            Problem(
                .conflict, detail: "\(count) files of the organisation are not finished.",
                remedy: "Wait until one of them is.")
        }
    }

    private static func refused(_ rejection: VATRejection) -> Problem {
        switch rejection {
        case .exemptSeller(let line):
            .field(
                "/lines/\(line)/vatBasisPoints", reason: "The seller bills no VAT (CGI, article 293 B).",
                remedy: "Give 0, or say in /v1/organisation/seller by vatScheme that it bills VAT.")
        case .noRate(let rate, let line):
            .field(
                "/lines/\(line)/vatBasisPoints", reason: "\(rate.value) hundredths of a percent is no French rate.",
                remedy: FrenchVAT.meant(by: rate).map {
                    "Give \($0.value) for \(rate.value) percent: rates are hundredths of one. They are \(frenchRates)."
                } ?? "Give one of: \(frenchRates).")
        case .noNature(let line):
            .field(
                "/lines/\(line)/nature", reason: "The seller sells goods and services: it is not said which this is.",
                remedy: "Give goods, services or both.")
        }
    }

    private static var frenchRates: String { FrenchVAT.rates.map { "\($0.value)" }.joined(separator: ", ") }

    private static func refused(_ rejection: InvoiceRejection) -> Problem {
        switch rejection {
        case .noLines: .field("/lines", reason: "There are none.", remedy: "Bill at least one thing.")
        case .tooManyLines(let max):
            .field("/lines", reason: "There are more than \(max).", remedy: "Write several invoices.")
        case .amountTooLarge:
            Problem(
                .amountOverflow, detail: "The sum of the lines is too large to be kept exactly.",
                remedy: "Write several invoices.")
        case .creditedBeforeIssue(let day):
            issueDay("The invoice was issued after \(day).", "Give the day of issue or a later one.")
        case .creditedBeforeCount(let day):
            issueDay("It takes back what was counted for the invoice on \(day).", "Give that day or a later one.")
        case .nothingToCredit:
            Problem(
                .conflict, detail: "All of the invoice is credited or written off.",
                remedy: "Look at its credit notes; undo the settlement of what was written off to credit that.")
        case .discountTooLarge(let line):
            .field(
                line.map { "/lines/\($0)/discount" } ?? "/discount",
                reason: "It is more than what it is taken off, or in another currency.",
                remedy: "Give less, in the currency of the document.")
        case .exemptionBesideVAT(let line):
            .field(
                "/lines/\(line)/exemption", reason: "The line bears VAT.",
                remedy: "Leave the reason out, or give 0 as vatBasisPoints.")
        case .tooManyExemptions(let max):
            .field(
                "/lines", reason: "They give more than \(max) different reasons for bearing no VAT.",
                remedy: "Write several invoices.")
        case .nothingToPay:
            .field("/lines", reason: "They sum to nothing.", remedy: "Bill at least one thing that costs something.")
        case .issuedInFuture(_, let today):
            issueDay("It has not come yet: at the clinic it is \(today).", "Give \(today), or issue it on its day.")
        case .issuedBeforeLast(_, let last):
            issueDay(
                "The clinic has a number of \(last) already, and numbers follow the days.",
                "Give \(last) or a later day.")
        case .issuedTooLongAgo(_, let first):
            issueDay("It is too long ago to be the day it is issued.", "Give \(first) or a later day.")
        case .issuedInClosedYear(let day, let last):
            issueDay(
                "The clinic has a number of \(last) already: \(day.year) is closed.", "Give \(last) or a later day.")
        case .dueBeforeIssue(let dueOn, let issuedOn):
            .field(
                "/dueOn", reason: "\(dueOn) is before the day of issue, \(issuedOn).",
                remedy: "Give the day of issue or a later one.")
        case .notDraft(let status):
            Problem(
                .conflict, detail: "The invoice is \(status.text), not a draft.",
                remedy: "Read it again; what is issued is corrected by a credit note.")
        case .notIssued: Problem(.conflict, detail: "The invoice is still a draft.", remedy: "Issue it first.")
        case .otherCurrency(let currency):
            .currency("/amount", is: currency, insteadOfThatOf: "the invoice")
        case .notPositive: .field("/amount", reason: "It is not above zero.", remedy: "Give a positive amount.")
        case .moreThan(let limit, let asked): .more(asked, than: limit, leftOf: "the invoice")
        }
    }

    private static func issueDay(_ reason: Sentence, _ remedy: Sentence) -> Problem {
        .field("/issuedOn", reason: reason, remedy: remedy)
    }

    private static func constrained(_ error: PostgresError) -> Problem? {
        switch error.constraint {
        case "client_phone_once":
            .field(
                "/phone", reason: "Another client of the organisation has this number.",
                remedy: "Use that client (find it by phone), or give another number.")
        case "client_reference_once", "invoice_reference_once":
            .field("/reference", reason: "It is in use.", remedy: "Give another reference, or leave it out.")
        case "clinic_code_once":
            .field("/code", reason: "Another clinic of the organisation has it.", remedy: "Give another code.")
        // Every table names its organisation, which a new token may bring before anybody has named it.
        case let name? where error.sqlState == .foreignKeyViolation && name.hasSuffix("_organisation_fkey"):
            Problem(
                .conflict, detail: "Nothing is known of the organisation yet.",
                remedy: "Say its name first: PUT /v1/organisation.")
        default: nil
        }
    }
}

extension Problem {
    /// An amount above what there is, and how to go on.
    static func more(
        _ asked: Money, than limit: Money, leftOf what: Sentence, at pointer: String = "/amount"
    ) -> Problem {
        .field(
            pointer, reason: "\(asked) is more than the \(limit) left of \(what).",
            remedy: limit.isZero
                ? "Nothing is left: read what was paid and credited before." : "Give \(limit) or less.")
    }

    /// An amount in a currency that something is not in.
    static func currency(_ pointer: String, is currency: Currency, insteadOfThatOf what: Sentence) -> Problem {
        let remedy: Sentence = "Give the amount in the currency of \(what)."
        return Problem(
            .currencyMismatch, detail: "The amount is in \(currency.code), \(what) is not.", remedy: remedy,
            errors: [FieldProblem(pointer: pointer, reason: "It is in \(currency.code).", remedy: remedy)])
    }
}

extension NotFound {
    fileprivate var what: String {
        switch self {
        case .organisation: "organisation"
        case .clinic: "clinic"
        case .client: "client"
        case .invoice: "invoice"
        case .creditNote: "credit note"
        case .paymentOnAccount: "payment on account"
        case .receivable: "receivable"
        case .quote: "quote"
        case .contact: "contact"
        case .settlement: "settlement"
        case .onlinePayment: "waiting payment"
        case .phone: "client"
        case .method: "payment method"
        case .importFile: "import"
        case .importMapping: "import mapping"
        }
    }
}
