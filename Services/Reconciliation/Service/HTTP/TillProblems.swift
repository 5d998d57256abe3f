import HTTPServer
import PaymentModel
import PostgresClient
import ReconciliationDomain

/// What is refused at the till and on the way to the bank, as problems.
enum TillProblems {
    /// Nil for what is no refusal of these.
    static func problem(for error: any Error) -> Problem? {
        switch error {
        case CashUp.Rejection.difference(let rejection): refused(rejection, at: "/counts")
        case let rejection as CashUp.Rejection: refused(rejection)
        case let rejection as DifferenceRejection: refused(rejection, at: "/difference")
        case let rejection as Remittance.Rejection: refused(rejection)
        case let rejection as RemittanceRejection: refused(rejection)
        case CloseTillRejection.closedBefore(let day):
            Problem(
                .conflict, detail: "The till was counted for \(day) before.",
                remedy: "Read it with GET /v1/cash-ups; what is told later is counted with the next day.")
        case let error as PostgresError where error.constraint == "remittance_slip_once":
            Problem(
                .conflict, detail: "There is a slip of this kind with this number.",
                remedy: "Give the number on the slip, or cancel the other one first.")
        case let error as PostgresError
        where ["bank_line_of_one", "remittance_of_one_bank_line"].contains(error.constraint):
            Problem(
                .conflict, detail: "The bank line belongs to another payout or remittance.",
                remedy: "Choose another bank line.")
        default: nil
        }
    }

    private static func refused(_ rejection: CashUp.Rejection) -> Problem {
        switch rejection {
        case .notYet(let day): .field("/day", reason: "\(day) has not begun.", remedy: "Give a day that has.")
        case .notCounted(let method, let expected):
            .field(
                "/counts", reason: "\(method) was not counted, and the till took \(expected).",
                remedy: "Count it; nothing counted is a count too.")
        case .countedTwice(let method):
            .field("/counts", reason: "\(method) was counted twice.", remedy: "Give one sum for each method.")
        case .difference(let rejection): refused(rejection, at: "/counts")
        case .money: overflow
        }
    }

    static func refused(_ rejection: DifferenceRejection, at pointer: String) -> Problem {
        switch rejection {
        case .unexplained(let difference, let what):
            .field(
                pointer, reason: "\(what) is \(difference) away from what it should be, and nobody says why.",
                remedy: "Give difference with an account and a reason, or correct the amount.")
        case .noDifference(let what):
            .field(
                pointer, reason: "\(what) is what it should be: there is no difference to explain.",
                remedy: "Leave difference out.")
        case .account(let account, let accounts):
            .field(
                pointer, reason: "\(account.number) cannot take this difference.",
                remedy: "Give one of \(accounts.map(\.number).joined(separator: ", ")).")
        }
    }

    private static func refused(_ rejection: Remittance.Rejection) -> Problem {
        switch rejection {
        case .nothing:
            Problem(.conflict, detail: "The slip comes to nothing.", remedy: "Choose what is brought to the bank.")
        case .severalCurrencies:
            Problem(
                .currencyMismatch, detail: "The slip has several currencies.", remedy: "Make a slip for each of them.")
        case .notSoMuchCash(let cash):
            .field(
                "/cash", reason: "There is \(cash) of cash in the till.",
                remedy: "Leave the float in the till; it is no taking.")
        case .money: overflow
        }
    }

    private static func refused(_ rejection: RemittanceRejection) -> Problem {
        switch rejection {
        case .notWaiting(let ids):
            .field(
                "/takingIDs",
                reason: "These do not wait at the till: \(ids.prefix(5).map(\.description).joined(separator: ", ")).",
                remedy: "Take those that GET /v1/takings lists with waiting=true for this clinic and kind.")
        case .notYet(let day): .field("/madeOn", reason: "\(day) has not begun.", remedy: "Give a day that has.")
        case .pointed(let author):
            Problem(
                .conflict, detail: "The remittance was pointed by \(author).",
                remedy: "Un-point it first if that was a mistake.")
        case .notPointed:
            Problem(
                .conflict, detail: "The remittance is not pointed.", remedy: "There is nothing to undo; read it again.")
        case .cancelled(let author):
            Problem(
                .conflict, detail: "The remittance was cancelled by \(author).",
                remedy: "Make a new one of what waits at the till.")
        case .otherCurrency(let currency):
            Problem(
                .currencyMismatch, detail: "The bank line is in \(currency), the remittance is not.",
                remedy: "Choose a bank line in the remittance's currency.")
        }
    }

    private static let overflow = Problem(
        .amountOverflow, detail: "A sum of the amounts does not fit.", remedy: "Check the amounts.")
}
