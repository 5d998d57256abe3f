import HTTPServer
import PaymentModel
import PostgresClient
import ReconciliationDomain

/// What the service's own refusals are as problems, so that routes need not translate each.
enum Problems {
    /// Nil for what is no refusal but a failure.
    static func problem(for error: any Error) -> Problem? {
        switch error {
        case let missing as NotFound: Problem.notFound(missing.what)
        case PointRejection.alreadyPointed(let author):
            Problem(
                .conflict, detail: "The payout was pointed by \(author).",
                remedy: "Un-point it first if that was a mistake.")
        case PointRejection.notPointed:
            Problem(.conflict, detail: "The payout is not pointed.", remedy: "There is nothing to undo; read it again.")
        case PointRejection.jointly(let id):
            Problem(
                .conflict, detail: "The payout was pointed together with others.",
                remedy: "Undo the whole: POST /v1/joint-pointings/\(id)/undo.")
        case let rejection as JointPointing.Rejection: refused(rejection)
        case PointRejection.otherCurrency(let currency):
            Problem(
                .currencyMismatch, detail: "The bank line is in \(currency), the payout is not.",
                remedy: "Choose a bank line in the payout's currency.")
        case Discrepancy.Rejection.closed:
            Problem(.conflict, detail: "The discrepancy is closed.", remedy: "Read it to see by whom and why.")
        case let rejection as Residue.Rejection: refused(rejection)
        case let rejection as HeldDifference.Rejection: refused(rejection)
        case let rejection as Chart.Rejection: refused(rejection)
        case ChartRejection.yearIsInUse:
            .field(
                "/yearEndMonth", reason: "Entries are numbered in financial years that end otherwise.",
                remedy: "Leave it as it is.")
        case ChartRejection.numberWasAnothers(let number):
            .field(
                "/accounts", reason: "\(number) is another account in closed books of this financial year.",
                remedy: "Give another number, at least until the financial year is closed and the next one has begun.")
        case let rejection as BankAccountRejection: refused(rejection)
        case let rejection as ClosedBooks.Rejection: refused(rejection)
        case let rejection as FECRejection: refused(rejection)
        case let rejection as MatchingRules.Rejection: refused(rejection)
        case MoneyError.overflow:
            Problem(.amountOverflow, detail: "A sum of the file does not fit.", remedy: "Check its amounts.")
        case is PayoutsByFileOnly:
            Problem(
                .conflict, detail: "This installation asks no provider for its payouts.",
                remedy: "Have QUITTANCE_PAYMENTS_URL and QUITTANCE_SIGNING_KEY set, or hand in the report as a file.")
        case let missing as ReportMissing: refused(missing)
        case let rejection as AlmaReportColumns.Rejection: refused(rejection)
        case let file as FileProblem: unreadable(file)
        case let error as PostgresError where error.constraint == "payout_of_one_bank_line":
            Problem(
                .conflict, detail: "The bank line belongs to another payout.", remedy: "Choose another bank line.")
        default: TillProblems.problem(for: error)
        }
    }

    // Not an overload of the function above: an answer that is not optional would lose against it, which then calls
    // itself for ever.

    private static func refused(_ missing: ReportMissing) -> Problem {
        switch missing {
        case .byFileOnly:
            Problem(
                .conflict, detail: "This provider writes no report of a payout on request.",
                remedy: "Hand in its report as a file.")
        case .noAccount:
            Problem(
                .conflict, detail: "The service of the payments has no such provider account.",
                remedy: "Connect the account there again, or hand in the report as a file.")
        case .none(let payout):
            Problem(
                .conflict, detail: "The provider gives no report of the payout \(payout).",
                remedy: "Check the payout's name, or hand in its report as a file.")
        case .notNow(let reason): .retry(.unavailable, after: 60, detail: reason)
        }
    }

    private static func refused(_ rejection: Chart.Rejection) -> Problem {
        switch rejection {
        case .number(let number, let account):
            .field(
                "/accounts", reason: "\(number) cannot stand for \(account.number).",
                remedy: "Give at least three digits, of which the first is the same.")
        case .numberTwice(let number):
            .field("/accounts", reason: "\(number) would be two accounts.", remedy: "Give each its own number.")
        case .codeTwice(let code):
            .field("/journals", reason: "\(code) would be two journals.", remedy: "Give each its own code.")
        }
    }

    private static func refused(_ rejection: Residue.Rejection) -> Problem {
        switch rejection {
        case .nothing:
            .field(
                "/account", reason: "The books hold nothing of this discrepancy.",
                remedy: "Close it without an account.")
        case .account(let account, let takers):
            .field(
                "/account", reason: "\(account.number) cannot take this difference.",
                remedy: "Give one of \(takers.map(\.number).joined(separator: ", ")).")
        }
    }

    private static func refused(_ rejection: HeldDifference.Rejection) -> Problem {
        switch rejection {
        case .clearedBefore(let author):
            Problem(
                .conflict, detail: "The difference was cleared by \(author).",
                remedy: "Undo that first if it was a mistake.")
        case .account(let account, let takers):
            .field(
                "/account", reason: "\(account.number) cannot take this difference.",
                remedy: "Give one of \(takers.map(\.number).joined(separator: ", ")).")
        case .notYet(let day):
            .field("/on", reason: "\(day) has not begun.", remedy: "Give today or a day before.")
        case .notBefore(let day):
            .field("/on", reason: "The difference was booked on \(day).", remedy: "Give that day or a later one.")
        case .undoneBefore(let author):
            Problem(
                .conflict, detail: "The clearing was undone by \(author).",
                remedy: "There is nothing to undo; read it again.")
        }
    }

    private static func refused(_ rejection: BankAccountRejection) -> Problem {
        switch rejection {
        case .chart(.number(let number, let account)):
            .field(
                "/books/number", reason: "\(number) cannot stand for \(account.number).",
                remedy: "Give at least three digits, of which the first is the same.")
        case .chart(.numberTwice(let number)):
            .field(
                "/books/number", reason: "\(number) would be two accounts.", remedy: "Give each its own number.")
        case .chart(.codeTwice(let code)):
            .field("/books/journal", reason: "\(code) would be two journals.", remedy: "Give each its own code.")
        case .numberWasAnothers(let number):
            .field(
                "/books/number", reason: "\(number) is another account in closed books of this financial year.",
                remedy: "Give another number, at least until the financial year is closed and the next one has begun.")
        }
    }

    private static func refused(_ rejection: ClosedBooks.Rejection) -> Problem {
        switch rejection {
        case .closedThrough(let day):
            Problem(.conflict, detail: "The books are closed through \(day).", remedy: "Give a later day.")
        case .notOver(let day):
            .field("/through", reason: "\(day) is not over.", remedy: "Give a day that is over.")
        case .nothingClosed:
            Problem(.conflict, detail: "No period is closed.", remedy: "There is nothing to reopen; book as usual.")
        }
    }

    private static func refused(_ rejection: JointPointing.Rejection) -> Problem {
        switch rejection {
        case .notOneToMany(let payouts, let bankLines):
            .field(
                "/payoutIDs", reason: "These are \(payouts) payouts and \(bankLines) bank lines.",
                remedy: "Give one payout and several bank lines, or one bank line and several payouts.")
        case .severalCurrencies:
            Problem(.currencyMismatch, detail: "They are in several currencies.", remedy: "Choose those of one.")
        case .difference(let difference): TillProblems.refused(difference, at: "/difference")
        case .money:
            Problem(.amountOverflow, detail: "A sum of the amounts does not fit.", remedy: "Check the amounts.")
        }
    }

    private static func refused(_ rejection: MatchingRules.Rejection) -> Problem {
        switch rejection {
        case .nameTwice(let name):
            .field("/rules", reason: "Two rules are called \(name).", remedy: "Give each its own name.")
        case .noCondition(let name):
            .field("/rules", reason: "\(name) would fit any bank line.", remedy: "Give words or an IBAN.")
        case .account(let account, let name):
            .field(
                "/rules", reason: "\(account.number) cannot take the difference of \(name).",
                remedy: "Give one of \(MatchingRules.accounts.map(\.number).joined(separator: ", ")).")
        case .amounts(let name):
            .field(
                "/rules", reason: "No amount is between amountMin and amountMax of \(name).",
                remedy: "Give the greater one as amountMax, in the same currency.")
        }
    }

    private static func refused(_ rejection: AlmaReportColumns.Rejection) -> Problem {
        switch rejection {
        case .noKind:
            .field(
                "/kindColumn", reason: "A refund could not be told from a payment.",
                remedy: "Give kindColumn, or refundColumn, which only lines of refunds fill.")
        case .halfOfPayout:
            .field(
                "/payoutDayColumn", reason: "A payout has a name and a day.",
                remedy: "Give both payoutColumn and payoutDayColumn, or neither and name the payout with each file.")
        case .twice(let name):
            .field("", reason: "Two things are in the column \(name).", remedy: "Give each its own column.")
        }
    }

    private static func refused(_ rejection: FECRejection) -> Problem {
        switch rejection {
        case .noSIREN:
            Problem(
                .conflict, detail: "The file is named after the SIREN, which is not known.",
                remedy: "Give it with PUT /v1/accounting/chart.")
        case .noSuchYear(let year): .field("?year", reason: "There is no year \(year).", remedy: "Give another.")
        case .open(let day, let hasValidated):
            Problem(
                .conflict, detail: "Entries from \(day) on are not validated.",
                remedy: hasValidated
                    ? "Close the books through the end of the year, or ask for an interim file."
                    : "Close the books through the end of the year; nothing of it is validated yet.")
        case .notClosed(let day, let hasValidated):
            Problem(
                .conflict, detail: "The year ends on \(day), and its books are not closed through that day.",
                remedy: hasValidated
                    ? "Close the books through the end of the year, or ask for an interim file."
                    : "Close the books through the end of the year; nothing of it is validated yet.")
        case .nothingValidated(let day):
            Problem(
                .conflict, detail: "No entry of the year is validated yet; the first that waits is of \(day).",
                remedy: "Close the books through a day first: an interim file has the entries of closed days.")
        case .openAgain(let day):
            Problem(
                .conflict, detail: "Days through \(day) were closed and are open again.",
                remedy: "Close the books through that day again; more may be booked until then.")
        case .nothingBooked(let year):
            Problem(
                .conflict, detail: "No entry was booked in the year \(year).",
                remedy: "Check the year; the tax office's checker takes no file without an entry.")
        case .foreignCurrency(let code):
            Problem(
                .currencyMismatch, detail: "There are entries in \(code), and the accounts are kept in euros.",
                remedy: "Have the accountant write them in euros; this file would be wrong with or without them.")
        }
    }

    private static func unreadable(_ file: FileProblem) -> Problem {
        let pointer = file.place ?? file.line.map { "line \($0)" } ?? ""
        return Problem(
            .unreadableFile, detail: file.told("\(file.reason) Nothing was imported."), remedy: file.remedy,
            errors: [FieldProblem(pointer: pointer, reason: file.reason, remedy: file.remedy)])
    }
}

extension Problem.Code {
    /// A file is broken or of another kind; nothing of it was imported.
    static let unreadableFile = Problem.Code("unreadable-file", 422, "The file cannot be read")
}
