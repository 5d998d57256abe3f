package import PaymentModel

/// A file of contacts, read: what is good, and of each bad row the reason and what to do (NOT-5).
package struct ContactFile: Sendable {
    /// The columns it may have, by the names people give them.
    package enum Column: String, CaseIterable, Sendable {
        case lastName = "last_name"
        case firstName = "first_name"
        case phone, email, language
        case clinic = "clinic_id"
        case groups

        /// As `folded` has them.
        fileprivate var names: [String] {
            switch self {
            case .lastName: ["lastname", "familyname", "surname", "name", "nom", "nomdefamille"]
            case .firstName: ["firstname", "givenname", "prenom"]
            case .phone:
                ["phone", "phonenumber", "telephone", "tel", "numero", "numerodetelephone"] + Column.mobileNames
            case .email: ["email", "emailaddress", "mail", "courriel", "adressemail", "adresseemail"]
            case .language: ["language", "langue"]
            case .clinic: ["clinicid", "clinic", "clinique"]
            case .groups: ["groups", "group", "groupes", "groupe"]
            }
        }

        fileprivate static let mobileNames = [
            "mobile", "mobilephone", "cellphone", "portable", "gsm", "telephoneportable", "telephonemobile",
            "telportable", "telmobile",
        ]

        /// A name without capitals, accents, and whatever is no letter or digit.
        fileprivate static func folded(_ name: String) -> String {
            String(name.lowercased().compactMap { $0.isLetter || $0.isNumber ? accents[$0] ?? $0 : nil })
        }

        private static let accents: [Character: Character] = [
            "à": "a", "â": "a", "ç": "c", "é": "e", "è": "e", "ê": "e", "ë": "e", "î": "i", "ï": "i", "ô": "o",
            "ù": "u", "û": "u", "ü": "u",
        ]
    }

    /// What is wrong with a row; nothing of it is taken in.
    package struct Problem: Hashable, Sendable {
        package let line: Int
        package let column: Column
        package let reason: Sentence
        package let remedy: Sentence

        package init(line: Int, column: Column, reason: Sentence, remedy: Sentence) {
            self.line = line
            self.column = column
            self.reason = reason
            self.remedy = remedy
        }
    }

    /// A good row.
    package struct Entry: Hashable, Sendable {
        package let line: Int
        package let contact: ToldContact
        /// The line above with the same address and name and no other clinic, which the directory may have twice; nil:
        /// there is none.
        package let repeats: Int?
    }

    /// The most rows of one file.
    package static let rowsMax = 50_000
    /// At how many clinics a file may have one address and name.
    private static let clinicsMax = 100

    /// Rows below the header, good and bad.
    package private(set) var rows = 0
    package private(set) var entries: [Entry] = []
    package private(set) var problems: [Problem] = []
    /// Knows of every row, but nothing of the directory yet.
    package private(set) var matching = ContactMatching()
    /// Names of columns nothing is known of, `#3` for the third where it has none; what is in them is not taken in.
    package let ignored: [String]
    /// What the file itself calls a column; nothing for one it does not have.
    package let headers: [Column: String]

    /// `phone` reads a number as people and spreadsheets write it, at the clinic its row names; nil for what is none.
    ///
    /// `usual` is the clinic of rows that name none.
    package init(
        _ table: CSVTable, at usual: ClinicID? = nil, phone: (String, ClinicID?) -> Phone?
    ) throws(CSVTable.Fault) {
        guard let header = table.rows.first else {
            throw CSVTable.Fault(line: 1, reason: "The file is empty.", remedy: "Give a file with a header.")
        }
        let columns = try ContactFile.columns(of: header)
        let told = zip(columns, header.cells).compactMap { column, name in column.map { ($0, name) } }
        headers = Dictionary(uniqueKeysWithValues: told)
        ignored = ContactFile.ignored(columns, of: table)
        guard table.rows.count - 1 <= ContactFile.rowsMax else {
            throw CSVTable.Fault(
                line: 1, reason: "The file has more than \(count: ContactFile.rowsMax) rows.",
                remedy: "Give it in parts.")
        }
        var above: [[String]: [(line: Int, contact: ToldContact)]] = [:]
        for row in table.rows.dropFirst() { take(ContactRow(row, columns), of: row, at: usual, &above, phone) }
    }

    /// A column without a name counts when there is anything in it: many files end their rows with a separator.
    private static func ignored(_ columns: [Column?], of table: CSVTable) -> [String] {
        let names = table.rows.first?.cells ?? []
        let nameless = names.map(\.isEmpty)
        var filled: Set<Int> = []
        for row in table.rows.dropFirst() {
            for (index, cell) in row.cells.prefix(names.count).enumerated() where nameless[index] && !cell.isEmpty {
                filled.insert(index)
            }
        }
        return columns.indices.filter { columns[$0] == nil }.compactMap { index in
            guard nameless[index] else { return names[index] }
            return filled.contains(index) ? "#\(index + 1)" : nil
        }
    }

    private static func columns(of header: CSVTable.Row) throws(CSVTable.Fault) -> [Column?] {
        let names = header.cells.map(Column.folded)
        // Beside a mobile, at which SMS arrive, another telephone is a column like any that nothing is known of.
        let hasMobile = names.contains { Column.mobileNames.contains($0) }
        let columns = names.map { name -> Column? in
            let column = Column.allCases.first { $0.names.contains(name) }
            return column == .phone && hasMobile && !Column.mobileNames.contains(name) ? nil : column
        }
        guard columns.contains(.lastName), columns.contains(.phone) || columns.contains(.email) else {
            let has = header.cells.filter { !$0.isEmpty }.prefix(20).map(shown).joined(separator: ", ")
            throw CSVTable.Fault(
                line: header.line,
                reason: "The first row names no column last_name, or none of phone and email; it has: \(has).",
                remedy: "Name the columns: \(Column.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        for (index, column) in columns.enumerated() {
            guard let column, let before = columns[..<index].firstIndex(of: column) else { continue }
            let (first, second) = (shown(header.cells[before]), shown(header.cells[index]))
            throw CSVTable.Fault(
                line: header.line,
                reason: "The columns \"\(first)\" and \"\(second)\" are both \(column.rawValue).",
                remedy: "Leave one of them out, or give it another name.")
        }
        return columns
    }

    /// A name of the file's own for a sentence; the file may be of another kind altogether.
    private static func shown(_ name: String) -> String {
        String(String(name.unicodeScalars.filter { $0.properties.generalCategory != .control }).prefix(40))
    }

    /// `above` are the good rows of before by their persons, each clinic's first.
    private mutating func take(
        _ read: ContactRow, of row: CSVTable.Row, at usual: ClinicID?,
        _ above: inout [[String]: [(line: Int, contact: ToldContact)]], _ phone: (String, ClinicID?) -> Phone?
    ) {
        rows += 1
        var reader = read
        let contact = reader.contact(phone)
        matching.expect(contact)
        let namesakes = reader.problems.isEmpty ? above[contact.person] ?? [] : []
        // A number is one person's at whatever clinic, an address and a name one's at each.
        let same = namesakes.first {
            contact.phone != nil || contact.mayBe(of: $0.contact.clinic ?? usual, at: usual)
        }
        let before = (same ?? (namesakes.count < ContactFile.clinicsMax ? nil : namesakes.first))?.line
        if let before, contact.phone != nil { reader.refuse(.phone, asOn: before) }
        guard reader.problems.isEmpty else { return problems += reader.problems }
        if before == nil { above[contact.person, default: []].append((line: row.line, contact: contact)) }
        entries.append(Entry(line: row.line, contact: contact, repeats: before))
    }
}

extension ContactFile.Problem {
    /// The row says the same of a column as one above.
    package init(line: Int, column: ContactFile.Column, asOn before: Int) {
        self.init(
            line: line, column: column, reason: "Line \(before) has the same.",
            remedy: "Leave one of them, with what both say.")
    }
}

/// Reads one row and collects everything that is wrong with it.
private struct ContactRow {
    private static let lengthMax = 100

    private let line: Int
    private var cells: [ContactFile.Column: String] = [:]
    private(set) var problems: [ContactFile.Problem] = []

    init(_ row: CSVTable.Row, _ columns: [ContactFile.Column?]) {
        line = row.line
        for (cell, column) in zip(row.cells, columns) {
            if let column, !cell.isEmpty { cells[column] = CSVLine.unarmoured(cell) }
        }
        // A separator within a text has what follows it stand in the next column, and the last of it in none.
        guard row.cells.dropFirst(columns.count).contains(where: { !$0.isEmpty }),
            let last = columns.compactMap(\.self).last
        else { return }
        refuse(
            last, "The row has more cells than the first row.",
            "Put a text that has a separator in it in quotation marks.")
    }

    mutating func refuse(_ column: ContactFile.Column, _ reason: Sentence, _ remedy: Sentence) {
        problems.append(ContactFile.Problem(line: line, column: column, reason: reason, remedy: remedy))
    }

    mutating func refuse(_ column: ContactFile.Column, asOn before: Int) {
        problems.append(ContactFile.Problem(line: line, column: column, asOn: before))
    }

    mutating func contact(_ phone: (String, ClinicID?) -> Phone?) -> ToldContact {
        let clinic = cells[.clinic].flatMap { ClinicID($0) }
        let contact = ToldContact(
            lastName: text(.lastName) ?? "", firstName: text(.firstName),
            phone: read(
                .phone, "It is not a phone number.", "Write it such as 06 12 34 56 78 or +33612345678."
            ) { phone($0, clinic) },
            email: read(.email, "It is not an e-mail address.", "Write it such as name@example.com.") {
                EmailAddress($0)
            },
            language: read(.language, "It is not a language we write.", "Give fr or en.") {
                Language(rawValue: $0.lowercased())
            },
            clinic: read(.clinic, "It is not the id of a clinic.", "Give its id, or leave it empty.") { ClinicID($0) },
            groups: groups())
        if cells[.lastName] == nil { refuse(.lastName, "It is empty.", "Give a name.") }
        if cells[.phone] == nil, cells[.email] == nil {
            refuse(.phone, "Nobody can be reached like this.", "Give a phone or an e-mail.")
        }
        return contact
    }

    private mutating func text(_ column: ContactFile.Column) -> String? {
        guard let text = cells[column] else { return nil }
        guard text.count <= Self.lengthMax else {
            refuse(
                column, "It has more than \(Self.lengthMax) characters.",
                "Shorten it to \(Self.lengthMax) characters.")
            return nil
        }
        guard text.unicodeScalars.allSatisfy(\.isOfLine) else {
            refuse(
                column, "It contains a line break or another control character.",
                "Write it on one line, without control characters.")
            return nil
        }
        return text
    }

    private mutating func groups() -> [GroupName] {
        let names = cells[.groups]?.split(separator: GroupName.separator).map { String($0).trimmingSpace } ?? []
        let groups = names.filter { !$0.isEmpty }.compactMap { name -> GroupName? in
            if name.unicodeScalars.allSatisfy(\.isOfLine), let group = GroupName(name) { return group }
            if name.count > GroupName.lengthMax {
                refuse(.groups, "A group's name is too long.", "Shorten it to \(GroupName.lengthMax) characters.")
            } else {
                refuse(.groups, "A group's name has a control character in it.", "Take the control characters out.")
            }
            return nil
        }
        if groups.count > ContactDetails.groupsMax {
            refuse(.groups, "There are too many.", "Give \(ContactDetails.groupsMax) at most.")
        }
        return groups
    }

    private mutating func read<Value>(
        _ column: ContactFile.Column, _ reason: Sentence, _ remedy: Sentence, _ parse: (String) -> Value?
    ) -> Value? {
        guard let text = cells[column] else { return nil }
        guard let value = parse(text) else {
            refuse(column, reason, remedy)
            return nil
        }
        return value
    }
}
