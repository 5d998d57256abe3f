import PaymentModel

/// A bank statement as a file told it, without its movements.
struct BankStatement: Sendable, Equatable {
    let iban: String
    let reference: String
    let format: StatementFormat
    let currency: Currency
    /// Nothing where the format has no such balance.
    let opening: Money?
    let closing: Money?
    /// How many movements it has, and of which days.
    var count = 0
    var days: ClosedRange<LocalDate>?
    /// Where it ends in the file, for whoever has to look at it.
    var line: Int?
    /// Its element, where the format has elements: many files are one line.
    var place: String?

    static func == (left: BankStatement, right: BankStatement) -> Bool {
        (left.iban, left.reference, left.opening, left.closing)
            == (right.iban, right.reference, right.opening, right.closing)
    }
}

/// One booked movement; credits are positive.
struct BankMovement: Sendable {
    /// Which movements of one reference are others, told apart by a number.
    enum Naming: String, Sendable {
        /// None: it is the bank's own for one movement.
        case alone
        /// Those of one statement, and what cannot be the same in others: it is the bank's, for all parts of an order.
        case parts
        /// Those of one statement and of what adjoins: it is made of what the movement is.
        case words
    }

    /// The bank's own reference; it is what makes a second import harmless.
    let reference: String
    var naming = Naming.alone
    let amount: Money
    let bookedOn: LocalDate
    /// Everything the bank says about it.
    let text: String
    /// Where it stands in the file.
    var line: Int?
    /// Its element, where the format has elements.
    var place: String?
}

/// Why a file is not imported.
struct FileProblem: Error, Equatable {
    /// As an editor counts, from 1; nil for the file as a whole.
    let line: Int?
    /// The element it is about, such as `Stmt[1]/Ntry[3]`, where the format has elements.
    var place: String?
    let reason: Sentence
    let remedy: Sentence

    /// Words about it with where in the file it is.
    func told(_ words: Sentence) -> Sentence {
        let place = self.place.map { "\($0.prefix(1).uppercased())\($0.dropFirst())" }
        return switch (place, line) {
        case (let place?, let line?): "\(place), line \(line): \(words)"
        case (let place?, nil): "\(place): \(words)"
        case (nil, let line?): "Line \(line): \(words)"
        case (nil, nil): words
        }
    }

    /// The same, about an element unless it names one.
    func about(_ element: String?) -> FileProblem {
        FileProblem(line: line, place: place ?? element, reason: reason, remedy: remedy)
    }
}

extension BankMovement {
    /// A movement of a format in which the bank gives it no reference of its own.
    ///
    /// The same movement gets the same name from every file it is in: it is named by its day, amount and text, and by
    /// its place among those that are the same in all three.
    static func named(
        _ amount: Money, on day: LocalDate, _ text: String, by words: String? = nil, line: Int?
    ) -> BankMovement {
        BankMovement(
            reference: "\(day) \(amount) \(mark(words ?? text))", naming: .words, amount: amount, bookedOn: day,
            text: text, line: line)
    }

    /// FNV-1a over letters and digits: banks change the spaces of a text from one file to the next.
    private static func mark(_ text: String) -> String {
        var hash: UInt64 = 14_695_981_039_346_656_037
        for byte in text.uppercased().utf8 where byte > 32 { hash = (hash ^ UInt64(byte)) &* 1_099_511_628_211 }
        return String(hash, radix: 16)
    }
}
