import NotificationDomain
import PaymentModel
import Testing

/// NOT-5: a directory as people keep it in spreadsheets.
@Suite struct `The directory's files` {
    /// What the service has libphonenumber read; here a number is whatever has enough digits.
    private func phone(_ text: String, _ clinic: ClinicID?) -> Phone? {
        let digits = text.filter(\.isNumber)
        return digits.count == 10 && !text.contains(where: \.isLetter) ? Phone(e164: "+33" + digits.dropFirst()) : nil
    }

    private static let text = "nom;prénom;téléphone;groupes\nLefèvre;Zoé;06 12 34 56 78;chats|fidèles\n"

    @Test(arguments: [
        Array(text.utf8), [0xEF, 0xBB, 0xBF] + Array(text.utf8), latin(text),
        Array(text.replacing(";", with: ",").utf8), Array(text.replacing(";", with: "\t").utf8),
        Array(text.replacing("\n", with: "\r\n").utf8), Array(text.replacing("\n", with: "\r").utf8),
        sixteenBits(text.replacing(";", with: "\t"), isLittle: true), sixteenBits(text, isLittle: false),
    ])
    func `NOT-5, C-27: alphabet, separator and line ends are found out`(bytes: [UInt8]) throws {
        let file = try ContactFile(CSVTable(bytes), phone: phone)
        let groups = ["chats", "fidèles"].compactMap(GroupName.init)
        #expect(file.problems.isEmpty && file.ignored.isEmpty && file.entries.map(\.line) == [2])
        #expect(file.headers == [.lastName: "nom", .firstName: "prénom", .phone: "téléphone", .groups: "groupes"])
        #expect(
            file.entries.first?.contact
                == ToldContact(
                    lastName: "Lefèvre", firstName: "Zoé", phone: Phone(e164: "+33612345678"), groups: groups))
    }

    @Test(arguments: ["sep=;\n", "SEP=;\r\n", "sep=;\r"])
    func `NOT-5, C-27: a first line that names the separator is obeyed, and no row of the table`(first: String) throws {
        let rows = "nom;téléphone;a,b,c\nLefèvre;0612345678;1,2\n"
        let file = try ContactFile(CSVTable(Array((first + rows).utf8)), phone: phone)
        #expect(file.ignored == ["a,b,c"] && file.problems.isEmpty && file.entries.map(\.line) == [3])
        let pipes = first.replacing(";", with: "|") + rows.replacing(";", with: "|")
        #expect(try CSVTable(Array(pipes.utf8)).rows.last?.cells == ["Lefèvre", "0612345678", "1,2"])
    }

    /// A file cut within a unit, one within a pair of them, and half a pair in the second line.
    @Test(
        arguments: [
            ([0xFF, 0xFE, 0x6E], 1), ([0xFF, 0xFE, 0x6E, 0x00, 0x3D, 0xD8], 1),
            ([0xFE, 0xFF, 0x00, 0x6E, 0x00, 0x0A, 0xDC, 0x36, 0x00, 0x6E], 2),
        ] as [([UInt8], Int)])
    func `NOT-5: broken UTF-16 is said to be that, with its line`(bytes: [UInt8], line: Int) throws {
        let fault = #expect(throws: CSVTable.Fault.self) { try CSVTable(bytes) }
        #expect(fault?.line == line && fault?.reason.description == "The file begins as UTF-16, and is broken here.")
    }

    private static func sixteenBits(_ text: String, isLittle: Bool) -> [UInt8] {
        "\u{FEFF}\(text)".utf16.flatMap { unit in
            let (high, low) = (UInt8(unit >> 8), UInt8(unit & 0xFF))
            return isLittle ? [low, high] : [high, low]
        }
    }

    private static func latin(_ text: String) -> [UInt8] { text.unicodeScalars.map { UInt8($0.value) } }

    @Test func `NOT-5: what old Excels write where Latin-1 has nothing is read too`() throws {
        #expect(try CSVTable.text(of: [0x80, 0x20, 0x9C, 0x92, 0xE9]) == "€ œ’é")
    }

    @Test func `NOT-5: a bad row is told with its line, its column, a reason and a remedy, and no row is lost`() throws
    {
        let file = try ContactFile(
            CSVTable(
                Array(
                    """
                    last_name;phone;email;language;clinic_id;pet
                    Good;0612345678;;;;Rex
                    Bad;12;not-an-address;de;17;Rex
                    ;0612345679;;;;
                    Nobody;;;;;
                    Again;06 12 34 56 78;;;;
                    "Two
                    lines";0612345670;;;;
                    Mail;;A@example.org;;;
                    Mail;;a@EXAMPLE.org;;;

                    Last;0612345671;;EN;;
                    """.utf8)), phone: phone)
        #expect(file.ignored == ["pet"])
        #expect(file.entries.map(\.line) == [2, 9, 10, 12])
        #expect(file.entries.map(\.repeats) == [nil, nil, 9, nil], "the directory may have the same person twice")
        #expect(
            file.problems.map { "\($0.line) \($0.column.rawValue)" } == [
                "3 phone", "3 email", "3 language", "3 clinic_id", "4 last_name", "5 phone", "6 phone", "7 last_name",
            ])
        #expect(file.problems.allSatisfy { !$0.reason.description.isEmpty && !$0.remedy.description.isEmpty })
        #expect(file.rows == file.entries.count + Set(file.problems.map(\.line)).count)
    }

    @Test func `NOT-5: a row that goes on behind the last column is told, and nothing of it is lost unseen`() throws {
        let text = "phone;last_name;pet\n0612345678;Martin;Rex;Zoé\n0612345679;Petit;;;\n"
        let file = try ContactFile(CSVTable(Array(text.utf8)), phone: phone)
        #expect(file.entries.map(\.line) == [3])
        #expect(file.problems.map { "\($0.line) \($0.column.rawValue)" } == ["2 last_name"])
    }

    @Test func `NOT-5: a column that is not taken in is told, one without a name by its number unless it is empty`()
        throws
    {
        let text = "phone;;last_name;pet;;\n0612345678;VIP;Martin;Rex;;\n0612345679;;Petit;;;\n"
        let file = try ContactFile(CSVTable(Array(text.utf8)), phone: phone)
        #expect(file.problems.isEmpty && file.entries.count == 2)
        #expect(file.ignored == ["#2", "pet"])
    }

    @Test(arguments: [
        "NOM DE FAMILLE;Prenom;Tél.;Courriel", "Nom;Prénom;Téléphone portable;E-mail", "NOM;PRÉNOM;Portable;mail",
        "nom;pre\u{301}nom;Numéro de téléphone;Adresse e-mail", "Last name;First-Name;Mobile phone;E-Mail address",
    ])
    func `NOT-5: columns go by their usual names, whatever their capitals, accents and dots`(header: String) throws {
        let text = "\(header)\nLefèvre;Zoé;0612345678;zoe@example.org\n"
        let file = try ContactFile(CSVTable(Array(text.utf8)), phone: phone)
        #expect(file.problems.isEmpty && file.ignored.isEmpty)
        #expect(
            file.entries.map(\.contact) == [
                ToldContact(
                    lastName: "Lefèvre", firstName: "Zoé", phone: Phone(e164: "+33612345678"),
                    email: EmailAddress("zoe@example.org"))
            ])
    }

    @Test func `NOT-5: of a telephone and a mobile the mobile is taken, and the other told as not taken in`() throws {
        let text = "nom;Téléphone;Portable\nLefèvre;0112345678;0612345678\n"
        let file = try ContactFile(CSVTable(Array(text.utf8)), phone: phone)
        #expect(file.entries.map(\.contact.phone) == [Phone(e164: "+33612345678")])
        #expect(file.headers[.phone] == "Portable" && file.ignored == ["Téléphone"])
    }

    @Test(arguments: [
        ("nom;Portable;Mobile", "The columns \"Portable\" and \"Mobile\" are both phone."),
        ("Nom;nom de famille;email", "The columns \"Nom\" and \"nom de famille\" are both last_name."),
        (
            "Client;;Tél. fixe;x\u{7}y",
            "The first row names no column last_name, or none of phone and email; it has: Client, Tél. fixe, xy."
        ),
    ])
    func `NOT-5: a first row that will not do is told with the names it has`(header: String, reason: String) throws {
        let fault = #expect(throws: CSVTable.Fault.self) {
            try ContactFile(CSVTable(Array(header.utf8)), phone: phone)
        }
        #expect(fault?.reason.description == reason)
    }

    @Test func `NOT-5: a group's name that cannot be one is told for what it is`() throws {
        let long = String(repeating: "x", count: 61)
        let text =
            "name;phone;groups\nA;0612345678;\(long)\nB;0612345679;\"cats|do\ngs\"\nC;0612345670;a\u{7}b\n"
            + "D;0612345671;a\u{202E}b\nE;0612345672;חתולים| 🐶 |\n"
        let file = try ContactFile(CSVTable(Array(text.utf8)), phone: phone)
        let control = "A group's name has a control character in it."
        #expect(file.problems.map(\.line) == [2, 3, 5, 6])
        #expect(file.problems.map(\.reason.description) == ["A group's name is too long.", control, control, control])
        #expect(file.entries.map { $0.contact.groups.map(\.text) } == [["חתולים", "🐶"]])
    }

    @Test func `NOT-5: a name in a file is held to one line as a typed one is, and told apart from a long one`() throws
    {
        let names = [
            String(repeating: "x", count: 2_000), "Mar\u{7}tin", "Mar\u{202E}nit", "Mar\u{2028}tin", "שלום 🐶",
        ]
        let rows = names.enumerated().map { place, name in "\(name);061234567\(place)" }
        let file = try ContactFile(
            CSVTable(Array("name;phone\n\(rows.joined(separator: "\n"))\n".utf8)), phone: phone)
        let control = "It contains a line break or another control character."
        #expect(file.problems.map(\.line) == [2, 3, 4, 5] && file.entries.map(\.line) == [6])
        #expect(
            file.problems.map(\.reason.description) == ["It has more than 100 characters.", control, control, control])
        #expect(file.entries.map(\.contact.lastName) == ["שלום 🐶"])
    }

    @Test(arguments: ["", "a;b\nc;d", "nom;nom;phone\n", "nom;\"phone\nx", "nom\nx"])
    func `NOT-5: a file that is none is refused as a whole, with its line`(text: String) {
        #expect(throws: CSVTable.Fault.self) { try ContactFile(CSVTable(Array(text.utf8)), phone: phone) }
    }

    @Test func `NOT-5, C-27: every text comes back from a file, and no cell begins like a formula`() throws {
        holds(seeds: 1...60) { generator in
            var text = RandomText.make(&generator)
            let signs = ["=", "+", "-", "@", "'", "''=", "'+", ";", "\""]
            text = (signs.randomElement(using: &generator) ?? "") + text
            let cell = CSVLine.armoured(text)
            let begins = cell.unicodeScalars.first.map { ["=", "+", "-", "@", "\t", "\r"].contains($0) } ?? false
            guard !begins, CSVLine.unarmoured(cell).unicodeScalars.elementsEqual(text.unicodeScalars) else {
                return false
            }
            let line = try CSVTable(Array(CSVLine.write(["x", text, "y"]).utf8)).rows
            return line.count == 1 && line[0].cells.count == 3 && line[0].cells[2] == "y"
        }
    }

    @Test func `GEN-7: an entry stays a client's while it has the client's number`() {
        let known = ContactDetails(lastName: "M", phone: Phone(e164: "+33612345678"), client: ClientID(4))
        let renamed = ContactDetails(lastName: "N", phone: known.phone)
        #expect(renamed.keeping(clientOf: known).client == ClientID(4))
        let moved = ContactDetails(lastName: "M", phone: Phone(e164: "+33612345679"))
        #expect(moved.keeping(clientOf: known).client == nil)
        let told = ContactDetails(lastName: "M", phone: known.phone, client: ClientID(5))
        #expect(told.keeping(clientOf: known).client == ClientID(5))
    }

    /// Rows of one address, with the entries that have it, newest first: which entry each row is; nil: somebody new.
    @Test(
        arguments: [
            (["Petit Bob", "Martin Ada"], ["Martin Ada", "Petit Bob"], [1, 0]),
            (["Petit Bob", "martin ada"], ["Martin Ada"], [nil, 0]),
            // The only one is the same person under another name; one of two may be anybody.
            (["Petit Ada"], ["Martin Ada"], [0]), (["Petit Ada"], ["Martin Ada", "Martin Bob"], [nil]),
            (["Petit Ada", "Martin Bob"], ["Martin Ada"], [nil, nil]),
            // Without first names, as far as last names tell them apart.
            (["Petit", "Martin"], ["Martin Ada", "Petit Bob"], [1, 0]),
            (["Martin", "Petit"], ["Martin Ada", "Martin Bob"], [nil, nil]),
            (["Martin", "Martin Ada"], ["Martin Ada"], [nil, 0]),
            (["Martin", "Martin Ada"], ["Martin Ada", "Martin"], [1, 0]),
            // Somebody who is there twice.
            (["Martin Ada", "Martin Ada", "Martin Ada"], ["Martin Ada", "Martin Ada"], [0, 1, nil]),
        ] as [([String], [String], [Int?])])
    func `NOT-5: who has no number is known again by the address, and by the name where several share it`(
        rows: [String], entries: [String], expected: [Int?]
    ) throws {
        let address = try #require(EmailAddress("famille@example.org"))
        let told = rows.map { name in
            let words = name.split(separator: " ").map(String.init)
            return ToldContact(
                lastName: words[0], firstName: words.count > 1 ? words[1] : nil,
                email: EmailAddress("Famille@example.org"))
        }
        let known = KnownContacts(Array(entries.indices)) { index in
            let words = entries[index].split(separator: " ").map(String.init)
            return ContactDetails(lastName: words[0], firstName: words.count > 1 ? words[1] : "", email: address)
        }
        var matching = ContactMatching()
        for row in told { matching.expect(row) }
        let found = told.map { matching.entry(of: $0, at: nil, among: known) }
        #expect(found == expected)
    }

    /// Namesakes of one address, newest first, by the clinics they are of.
    @Test(
        arguments: [
            ([2], [1, 2], [1]), ([2, 1], [1, 2], [1, 0]), ([1, 2], [1, 2], [0, 1]), ([nil, 2], [2, nil], [1, 0]),
            // Whose clinic has none of them is somebody else, unless one is of no clinic yet.
            ([3, 2], [1, 2], [nil, 1]), ([2, 2, 2], [1, 2], [1, nil, nil]), ([2], [1], [nil]),
            ([1, 2], [1], [0, nil]), ([2], [nil], [0]), ([3, 2], [nil, 2], [0, 1]),
            // A file without clinics has the first that is left.
            ([nil, nil], [1, 2], [0, 1]),
        ] as [([Int?], [Int?], [Int?])])
    func `NOT-5, GEN-1: of two with one address and name, a row is that of the clinic it names`(
        rows: [Int?], entries: [Int?], expected: [Int?]
    ) throws {
        #expect(try found(rows, among: entries) == expected)
    }

    /// A row without a clinic in a file of the second one.
    @Test(
        arguments: [
            ([1, 2], 1), ([nil, 2], 1), ([2, nil], 0), ([1, nil], 1), ([1, 3], nil), ([1], nil), ([nil], 0),
        ] as [([Int?], Int?)])
    func `NOT-5, GEN-1: of two with one address and name, a row that names no clinic is that of the file's`(
        entries: [Int?], expected: Int?
    ) throws {
        #expect(try found([nil], among: entries, usual: 2) == [expected])
    }

    /// In a file of the second clinic.
    @Test(
        arguments: [
            ([nil, 2], [nil, 2], [0, 1]), ([nil, 2], [2, nil], [1, 0]), ([2, nil], [nil, 2], [1, 0]),
            ([nil, 2], [2, 2], [0, 1]), ([nil, nil, 2], [nil, 2, 2], [1, 0, 2]),
        ] as [([Int?], [Int?], [Int?])])
    func `NOT-5, GEN-1: a row that names no clinic leaves to those that name the file's their persons`(
        rows: [Int?], entries: [Int?], expected: [Int?]
    ) throws {
        #expect(try found(rows, among: entries, usual: 2) == expected)
    }

    /// The row is the second clinic's, and its person goes by another name.
    @Test(arguments: [(1, nil), (2, 0), (nil, 0)] as [(Int?, Int?)])
    func `NOT-5, GEN-1: the only one of an address is the same under another name, but not another clinic's`(
        clinic: Int?, expected: Int?
    ) throws {
        let address = try #require(EmailAddress("ada@example.org"))
        let known = KnownContacts([0]) { _ in
            ContactDetails(lastName: "Martin", email: address, clinic: clinic.map { ClinicID(UInt128($0)) })
        }
        for (named, usual) in [(ClinicID(2), nil), (nil, ClinicID(2))] as [(ClinicID?, ClinicID?)] {
            let told = ToldContact(lastName: "Petit", email: address, clinic: named)
            var matching = ContactMatching()
            matching.expect(told)
            let found = matching.entry(of: told, at: usual, among: known)
            #expect(found == expected)
        }
    }

    @Test func `NOT-5, GEN-1: a file may have one address and name at each clinic, and a number once`() throws {
        let (one, two) = (ClinicID(1), ClinicID(2))
        let people = ["\(one)", "\(two)", "\(one)", ""].map { "A;;a@example.org;\($0)" }
        let numbers = [one, two].map { "B;0612345678;;\($0)" }
        let text = "name;phone;email;clinic_id\n" + (people + numbers).joined(separator: "\n")
        func repeats(at usual: ClinicID?) throws -> [Int?] {
            let file = try ContactFile(CSVTable(Array(text.utf8)), at: usual, phone: phone)
            #expect(file.problems.map { "\($0.line) \($0.column.rawValue)" } == ["7 phone"])
            return file.entries.map(\.repeats)
        }
        #expect(try repeats(at: nil) == [nil, nil, 2, 2, nil])
        #expect(try repeats(at: two) == [nil, nil, 2, 3, nil])
    }

    @Test func `NOT-5: a file has one address and name at so many clinics as chains have, and not at any number`()
        throws
    {
        let rows = (1...102).map { "A;a@example.org;\(ClinicID(UInt128($0)))" }
        let file = try ContactFile(
            CSVTable(Array("name;email;clinic_id\n\(rows.joined(separator: "\n"))\n".utf8)), phone: phone)
        #expect(file.entries.filter { $0.repeats != nil }.map(\.line) == [102, 103])
    }

    /// Which of the namesakes each row is.
    private func found(_ rows: [Int?], among entries: [Int?], usual: Int? = nil) throws -> [Int?] {
        let address = try #require(EmailAddress("ada@example.org"))
        func clinic(_ number: Int?) -> ClinicID? { number.map { ClinicID(UInt128($0)) } }
        let told = rows.map { ToldContact(lastName: "Martin", email: address, clinic: clinic($0)) }
        let known = KnownContacts(Array(entries.indices)) { index in
            ContactDetails(lastName: "Martin", email: address, clinic: clinic(entries[index]))
        }
        var matching = ContactMatching()
        for row in told { matching.expect(row) }
        return told.map { matching.entry(of: $0, at: clinic(usual), among: known) }
    }

    @Test(arguments: ["Martin;;famille@example.org;xx", "Martin;0612345678;famille@example.org;fr"])
    func `NOT-5: a row of a shared address that is bad or has a number keeps its person from being taken for another`(
        row: String
    ) throws {
        let text = "name;phone;email;language\n\(row)\nPetit;;famille@example.org;fr\n"
        let file = try ContactFile(CSVTable(Array(text.utf8)), phone: phone)
        let known = KnownContacts([0]) { _ in
            ContactDetails(lastName: "Martin", email: EmailAddress("famille@example.org"))
        }
        var matching = file.matching
        let found = file.entries.map { matching.entry(of: $0.contact, at: nil, among: known) }
        #expect(file.entries.last?.line == 3)
        #expect(found.allSatisfy { $0 == nil }, "who has a number now has no entry with it yet")
    }

    @Test func `NOT-5: what a file says is added to what is known, and nothing changes the second time`() throws {
        let known = ContactDetails(
            lastName: "Martin", firstName: "Ada", phone: Phone(e164: "+33612345678"),
            email: EmailAddress("ada@example.org"), language: .english, client: ClientID(4),
            groups: ["b", "a"].compactMap(GroupName.init))
        let told = ToldContact(
            lastName: "Martin-Petit", phone: Phone(e164: "+33612345678"), groups: ["c", "a"].compactMap(GroupName.init))
        let once = known.taking(in: told)
        #expect(once.lastName == "Martin-Petit" && once.firstName == "Ada" && once.email == known.email)
        #expect(once.client == ClientID(4) && once.language == .english)
        #expect(once.groups.map(\.text) == ["a", "b", "c"])
        #expect(once.taking(in: told) == once)
        #expect(ContactDetails(told).taking(in: told) == ContactDetails(told))
    }
}
