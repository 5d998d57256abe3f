import PaymentModel

/// A bank statement as a file told it: opening + movements = closing, or it is refused.
struct BankStatement: Sendable, Equatable {
    let iban: String
    let reference: String
    let format: StatementFormat
    let currency: Currency
    /// Nothing where the format has no such balance.
    let opening: Money?
    let closing: Money?
    let movements: [BankMovement]
    /// Where it ends in the file, for whoever has to look at it.
    var line: Int?
    /// Its element, where the format has elements: many files are one line.
    var place: String?

    static func == (left: BankStatement, right: BankStatement) -> Bool {
        (left.iban, left.reference, left.opening, left.closing)
            == (right.iban, right.reference, right.opening, right.closing) && left.movements == right.movements
    }

    /// Opening + movements = closing, where the file has both balances.
    func checked() throws -> BankStatement {
        for movement in movements where movement.amount.currency != currency {
            throw FileProblem(
                line: movement.line, place: movement.place,
                reason: "It is in \(movement.amount.currency), the statement begins in \(currency).",
                remedy: "Ask the bank for a statement in the account's currency.")
        }
        guard let opening, let closing else { return self }
        let sum = try Money.sum([opening] + movements.map(\.amount), in: currency)
        guard sum == closing else {
            throw FileProblem(
                line: line, place: place,
                reason: "Opening balance and movements give \(sum), the closing balance is \(closing).",
                remedy: "A movement is missing or wrong: ask the bank for the file again.")
        }
        return self
    }
}

/// One booked movement; credits are positive.
struct BankMovement: Sendable, Equatable {
    /// The bank's own reference; it is what makes a second import harmless.
    let reference: String
    let amount: Money
    let bookedOn: LocalDate
    /// Everything the bank says about it.
    let text: String
    /// Where it stands in the file.
    var line: Int?
    /// Its element, where the format has elements.
    var place: String?

    static func == (left: BankMovement, right: BankMovement) -> Bool {
        (left.reference, left.amount, left.bookedOn, left.text)
            == (right.reference, right.amount, right.bookedOn, right.text)
    }
}

/// Why a file is not imported.
struct FileProblem: Error, Equatable {
    /// As an editor counts, from 1; nil for the file as a whole.
    let line: Int?
    /// The element it is about, such as `Stmt[1]/Ntry[3]`, where the format has elements.
    var place: String?
    let reason: String
    let remedy: String

    /// The same, about an element unless it names one.
    func about(_ element: String?) -> FileProblem {
        FileProblem(line: line, place: place ?? element, reason: reason, remedy: remedy)
    }
}

/// Names movements of formats in which the bank gives them no reference of their own.
///
/// The same movement gets the same name from every file it is in: it is named by its day, amount and text, and by its
/// place among those that are the same in all three.
struct MovementNames {
    private var times: [String: Int] = [:]

    /// The name of the next movement.
    mutating func name(_ amount: Money, on day: LocalDate, _ text: String) -> String {
        let name = "\(day) \(amount) \(Self.mark(text))"
        let count = times[name, default: 0] + 1
        times[name] = count
        return count == 1 ? name : "\(name) (\(count))"
    }

    /// FNV-1a over letters and digits: banks change the spaces of a text from one file to the next.
    private static func mark(_ text: String) -> String {
        var hash: UInt64 = 14_695_981_039_346_656_037
        for byte in text.uppercased().utf8 where byte > 32 { hash = (hash ^ UInt64(byte)) &* 1_099_511_628_211 }
        return String(hash, radix: 16)
    }
}
