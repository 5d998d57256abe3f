import HTTPServer
import PaymentModel
import PostgresClient

/// What the service's own refusals are as problems, so that routes need not translate each.
enum Problems {
    /// Nil for what is no refusal but a failure.
    static func problem(for error: any Error) -> Problem? {
        switch error {
        case NotFound.payout: .notFound("payout")
        case NotFound.bankLine: .notFound("bank line")
        case PointRejection.alreadyPointed(let author):
            Problem(
                .conflict, detail: "The payout was pointed by \(author).",
                remedy: "Un-point it first if that was a mistake.")
        case PointRejection.notPointed: Problem(.conflict, detail: "The payout is not pointed.")
        case PointRejection.otherCurrency(let currency):
            Problem(
                .currencyMismatch, detail: "The bank line is in \(currency), the payout is not.",
                remedy: "Choose a bank line in the payout's currency.")
        case MoneyError.overflow:
            Problem(.amountOverflow, detail: "A sum of the file does not fit.", remedy: "Check its amounts.")
        case let file as FileProblem: unreadable(file)
        case let error as PostgresError where error.constraint == "payout_of_one_bank_line":
            Problem(
                .conflict, detail: "The bank line belongs to another payout.", remedy: "Choose another bank line.")
        default: nil
        }
    }

    // Not an overload of the function above: an answer that is not optional would lose against it, which then calls
    // itself for ever.

    private static func unreadable(_ file: FileProblem) -> Problem {
        let place = file.line.map { "Line \($0): " } ?? ""
        return Problem(
            .unreadableFile, detail: "\(place)\(file.reason) Nothing was imported.", remedy: file.remedy,
            errors: [
                FieldProblem(
                    pointer: file.line.map { "line \($0)" } ?? "", reason: file.reason, remedy: file.remedy)
            ])
    }
}

extension Problem.Code {
    /// A file is broken or of another kind; nothing of it was imported.
    static let unreadableFile = Problem.Code("unreadable-file", 422, "The file cannot be read")
}
