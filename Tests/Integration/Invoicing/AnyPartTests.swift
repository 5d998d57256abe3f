import Foundation
import HTTPServer
import PaymentModel
import PostgresClient
import TestSupport
import Testing
import TransactionalMessaging

/// Clients with documents, to whom things happen, all of it decided by a seed.
private struct Waiting: Sendable {
    let chain: Chain
    let seed: UInt64
    private var random: SeededGenerator

    private static let lastNames = ["Lefèvre", "O'Neill-Garçon", "MARTIN", "D'Août", "Zimmermann", "Núñez", "Ba"]
    private static let firstNames = ["Zoé", "Noël", "Ada", "Inès Marie", "Paul", "Aï"]
    private static let companies = ["Haras du Pré", "Élevage n° 21 12", "SCEA Étang 2000", "K9"]

    init(seed: UInt64) async throws {
        self.seed = seed
        random = SeededGenerator(seed: seed)
        chain = try await Chain.open(code: "LILAS")
        let other = try await chain.anotherClinic(["PAN7", "PAN6", "V2026", "0202"][Int(seed % 4)])
        // With these more codes end in 6 than numbers are looked for by.
        for code in seed > 4 ? ["LOT6", "LOTI6", "LOTIR6"] : [] { _ = try await chain.anotherClinic(code) }
        try await count()
        for _ in 0..<12 { try await takeIn(billedBy: Bool.random(using: &random) ? chain.clinic : other) }
        for _ in 0..<6 { try await happen() }
    }

    mutating func pick<Element>(_ some: some Collection<Element>) throws -> Element {
        guard let picked = some.randomElement(using: &random) else {
            throw InvoicingBenchFailure(description: "seed \(seed): there is nothing to pick from")
        }
        return picked
    }

    /// Has documents counted from where a count looks like a year, as the clinics' codes do.
    private mutating func count() async throws {
        let last: Int64 = try pick([0, 2_024, 20_259, 202_019, 202_599, 2_026_019])
        try await chain.bench.overseer.execute(
            """
            INSERT INTO document_series (organisation, clinic, kind, year, last)
            SELECT organisation, id, kind, 2026, \(last) FROM clinic, unnest(ARRAY['F', 'A', 'D']) AS kind
            WHERE organisation = \(chain.organisation)
            """)
    }

    /// What is told of a client: any of it may be missing but the last name.
    private mutating func person() throws -> String {
        let (last, first) = (try pick(Self.lastNames), try pick(Self.firstNames))
        var told = #""lastName":"\#(last)","firstName":"\#(first)","town":"Lyon""#
        let digits = Int.random(in: 1_000_000...9_999_999, using: &random)
        if Bool.random(using: &random) { told += #","phone":"061\#(digits)""# }
        if Bool.random(using: &random) { told += #","email":"c.\#(digits % 977)@ex-\#(digits % 89).fr""# }
        if Bool.random(using: &random) { told += #","reference":"VET \#(digits % 100)-\#(digits)""# }
        return told
    }

    private mutating func takeIn(billedBy clinic: ClinicID) async throws {
        let told = try person()
        let made = try await chain.call(.post, "/v1/clients", #"{"clinicID":"\#(chain.clinic)",\#(told)}"#)
        let client: ClientID = try made.id()
        if try pick(0...2) == 0 {
            let named = #"{"company":"\#(try pick(Self.companies))","street":"1 rue du Lac","postcode":"69003"}"#
            #expect(try await chain.name(client, named).status == 200)
        }
        for _ in 0..<(try pick(0...2)) {
            let invoice = try await chain.invoice(1_000, for: client, clinic: clinic)
            guard try pick(0...2) == 0 else { continue }
            #expect(try await chain.credit(invoice, 100, seen: 2).status == 201)
        }
        if try pick(0...3) == 0 { _ = try await chain.quote(for: client) }
    }

    /// Somebody is called otherwise, becomes another one, is forgotten, or a draft of theirs is issued.
    private mutating func happen() async throws {
        let present: [ClientID] = try await chain.bench.askAll(
            """
            SELECT id FROM client WHERE organisation = \(chain.organisation) AND merged_into IS NULL
                AND erased_on IS NULL ORDER BY id
            """)
        let (one, other) = (try pick(present), try pick(present))
        switch try pick(0...3) {
        case 0:
            let tag = try await chain.call(.get, "/v1/clients/\(one)").headers["ETag"] ?? ""
            let renamed = try await chain.call(
                .put, "/v1/clients/\(one)", "{\(try person())}", headers: ["If-Match": tag])
            #expect(renamed.status == 200, "seed \(seed): \(renamed.text)")
        case 1 where one != other:
            let merged = try await chain.merge(one, into: other)
            #expect(merged.status == 200, "seed \(seed): \(merged.text)")
        case 2:
            // Who still owes something is not forgotten.
            let erased = try await chain.erase(one)
            #expect([200, 409].contains(erased.status), "seed \(seed): \(erased.text)")
        default:
            let draft = try await chain.invoice(700, for: one, issuedOn: nil)
            #expect(try await chain.issue(draft).status == 200, "seed \(seed)")
        }
    }

    /// What is known of each who is there, as the tables say it without any index.
    func known() async throws -> [Known] {
        try await chain.bench.overseer.query(
            """
            SELECT client.id::text AS id, array_remove(ARRAY[last_name, first_name, phone, email, reference,
                    (SELECT company FROM billing_details WHERE billing_details.client = client.id)], NULL) AS fields,
                ARRAY(SELECT number FROM invoice WHERE invoice.client = client.id AND number IS NOT NULL
                    UNION ALL SELECT number FROM credit_note WHERE credit_note.client = client.id
                    UNION ALL SELECT number FROM quote WHERE quote.client = client.id) AS numbers
            FROM client JOIN client_pieces ON client_pieces.client = client.id
            WHERE organisation = \(chain.organisation) AND merged_into IS NULL AND erased_on IS NULL ORDER BY place DESC
            """
        ) { row in Known(id: try row("id"), fields: try row("fields"), numbers: try row("numbers")) }
    }

    /// A part of any length, a letter alone as often as all longer ones together.
    mutating func part(of text: String) throws -> String {
        let letters = Array(text)
        let first = try pick(letters.indices)
        let last = Bool.random(using: &random) ? first : try pick(first..<letters.count)
        return String(letters[first...last])
    }

    /// A part of a number that is longer than a piece of it, as often as not from where its clinic's code ends.
    mutating func longPart(of number: String) throws -> String {
        let (letters, length) = (Array(number), try pick(4...9))
        let codeEnd = number.split(separator: "-").prefix(2).joined(separator: "-").count - 1
        let first = try Bool.random(using: &random) ? codeEnd : pick(0...letters.count - length)
        return String(letters[first..<first + length])
    }

    /// All pages of a search.
    func found(by part: String, rows: Int) async throws -> [String] {
        let typed = part.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? part
        var (ids, next) = ([String](), String?.none)
        repeat {
            let after = next.map { "&after=\($0)" } ?? ""
            let page = try await chain.call(.get, "/v1/clients?search=\(typed)&limit=\(rows)\(after)")
            #expect(page.status == 200, "seed \(seed), \(part): \(page.text)")
            ids += (page.json["items"]?.elements ?? []).compactMap { $0["id"]?.text }
            next = page.json["next"]?.text
        } while next != nil
        return ids
    }
}

/// What is known of a client.
private struct Known: Sendable {
    let id: String
    let fields: [String]
    let numbers: [String]

    /// Whether a field or a number has it as it was typed, but for accents, capitals and what is no letter or digit.
    func has(_ part: String) -> Bool {
        let number = part.trimmingCharacters(in: .whitespaces).uppercased()
        return fields.contains { Self.plain($0).contains(Self.plain(part)) }
            || numbers.contains { $0.contains(number) }
    }

    /// Whether everything typed is somewhere: words of it in any order, and digits of a phone however they are grouped.
    func mayBeMeant(by part: String) -> Bool {
        let words = Self.plain(part).split(separator: " ")
        let all = Self.plain(fields.joined(separator: " "))
        let digits = part.filter { $0.isASCII && $0.isNumber }.drop { $0 == "0" }
        let mayBePhone = !part.contains(where: \.isLetter) && !digits.isEmpty
        return has(part) || words.allSatisfy { all.contains($0) } || (mayBePhone && all.contains(digits))
    }

    private static func plain(_ text: String) -> String {
        let folded = text.folding(options: [.diacriticInsensitive, .caseInsensitive], locale: nil).lowercased()
        return folded.split { !($0.isLetter || $0.isNumber) }.joined(separator: " ")
    }
}

@Suite struct `Any part of what is known of a client` {
    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func `INV-1: finds the client, whatever it is a part of and whatever happened to them`(seed: UInt64) async throws {
        var waiting = try await Waiting(seed: seed)
        let known = try await waiting.known()
        for turn in 0..<60 {
            let client = try waiting.pick(known)
            let numbers = turn % 2 == 0 ? [] : client.numbers
            let text = try waiting.pick(numbers.isEmpty ? client.fields + client.numbers : numbers)
            let part = try numbers.isEmpty ? waiting.part(of: text) : waiting.longPart(of: text)
            let rows = try waiting.pick([1, 3, 50])
            guard part.contains(where: { $0.isLetter || $0.isNumber }) else { continue }
            let found = try await waiting.found(by: part, rows: rows)
            let meant = known.filter { $0.has(part) }.map(\.id)
            #expect(Set(meant).isSubset(of: found), "seed \(seed): '\(part)' of \(client)")
            // Nobody twice, those who came last first, and nobody of whom nothing like it is known.
            let may = known.filter { $0.mayBeMeant(by: part) }.map(\.id)
            #expect(found == may.filter(Set(found).contains), "seed \(seed): '\(part)'")
        }
        let pieces: [Bool] = try await waiting.chain.bench.askAll(
            """
            SELECT pieces = '{}' FROM client_pieces JOIN client ON client.id = client_pieces.client
            WHERE organisation = \(waiting.chain.organisation) AND num_nonnulls(merged_into, erased_on) > 0
            """)
        #expect(pieces.allSatisfy { $0 }, "seed \(seed): of who is there no more nothing is left to find")
        let left: [Int64] = try await waiting.chain.bench.askAll(
            """
            SELECT place FROM document_pieces JOIN client ON client.id = document_pieces.client
            WHERE organisation = \(waiting.chain.organisation) AND num_nonnulls(merged_into, erased_on) > 0
            """)
        #expect(left == [], "seed \(seed): GEN-7")
    }

    @Test func `INV-1, GEN-7: of who is forgotten neither a name nor a document's number is found`() async throws {
        let chain = try await Chain.open(code: "LILAS")
        let told = #""lastName":"Zimmermann","firstName":"Zoé","phone":"0612345678","town":"Lyon","reference":"VET 7""#
        let client: ClientID = try await chain.call(
            .post, "/v1/clients", #"{"clinicID":"\#(chain.clinic)",\#(told)}"#
        ).id()
        #expect(try await chain.name(client, #"{"company":"Haras du Pré"}"#).status == 200)
        let invoice = try await chain.invoice(1_000, for: client)
        #expect(try await chain.credit(invoice, 100, seen: 2).status == 201)
        _ = try await chain.quote(for: client)
        #expect(try await chain.collect(900, for: client, by: "card").status == 201)
        #expect(try await chain.standing(of: invoice) == "paid 900 100 0")
        let numbers = try await chain.numbers() + chain.numbers("credit_note") + chain.numbers("quote")
        try #require(numbers.count == 3)
        let other = try await chain.client()
        _ = try await chain.invoice(500, for: other)
        let found = { (typed: String) async throws -> [String] in
            let answer = try await chain.call(.get, "/v1/clients?search=\(typed)")
            #expect(answer.status == 200, "\(typed): \(answer.text)")
            return (answer.json["items"]?.elements ?? []).compactMap { $0["id"]?.text }
        }
        let pieces: SQL = "SELECT count(*) FROM document_pieces WHERE client = \(client)"
        let own = numbers + ["zimmer", "haras", "612345678", "vet"]
        for typed in own { #expect(try await found(typed) == ["\(client)"], "\(typed)") }
        #expect(try await found("LILAS-2026") == ["\(other)", "\(client)"])
        #expect(try await chain.bench.ask(pieces) as Int64 == 3)
        let erased = try await chain.erase(client)
        #expect(erased.status == 200, "\(erased.text)")
        for typed in own { #expect(try await found(typed) == [], "\(typed)") }
        #expect(try await found("LILAS-2026") == ["\(other)"])
        #expect(try await chain.bench.ask(pieces) as Int64 == 0)
        let names: Bool = try await chain.bench.ask("SELECT pieces <> '{}' FROM client_pieces WHERE client = \(client)")
        #expect(!names)
    }
}
