import Foundation
import HTTPServer
import PaymentModel
import PostgresClient
import TestSupport
import Testing

@Suite struct `INV-7, INV-10: statements and receipts as files, in invoicing` {
    private let period = "from=2026-11-01&to=2026-11-30"

    @Test func `INV-10: the page, the file and the sheet say what the statement says`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        _ = try await chain.invoice(123_456, for: client)
        #expect(try await chain.collect(23_456, for: client, by: "card").status == 201)
        let path = "/v1/clients/\(client)/statement"
        let statement = try await chain.call(.get, "\(path)?\(period)").json
        #expect(statement.cents("closing") == 100_000)
        let sheet = try await chain.call(.get, "\(path)/csv?\(period)")
        #expect(sheet.headers["Content-Type"] == "text/csv; charset=utf-8")
        #expect(sheet.bytes.starts(with: [0xEF, 0xBB, 0xBF]) && sheet.text.contains("30/11/2026;Solde;;;;1000,00"))
        #expect(sheet.text.contains("Facture") && !sheet.text.contains(";card;"), "GEN-5: \(sheet.text)")
        let page = try await chain.call(.get, "\(path)/html?\(period)")
        #expect(page.headers["Content-Type"] == "text/html; charset=utf-8")
        #expect(page.text.contains("1\u{202F}000,00\u{202F}€") && page.text.contains("Reste à payer"))
        let pdf = try await PDFText.read(try await chain.call(.get, "\(path)/pdf?\(period)").bytes)
        #expect(pdf.contains("pages 1") && pdf.contains("archival True"), "\(pdf)")
        for words in ["Relevé de compte", "Ada Martin", "F-LILAS-2026-000001", "R-LILAS-2026-000001", "Reste à payer"] {
            #expect(pdf.contains(words), "\(words): \(pdf)")
        }
        let english = try await PDFText.read(
            try await chain.call(.get, "\(path)/pdf?\(period)&language=en").bytes)
        #expect(english.contains("Statement of account") && english.contains("€1,000.00"), "\(english)")
        #expect(try await chain.call(.get, "\(path)/pdf?from=2026-02-01&to=2026-01-31").status == 422)
    }

    @Test func `INV-10: what a person wrote is a text on the page and no markup`() async throws {
        let chain = try await Chain.open()
        let client: ClientID = try await chain.call(
            .post, "/v1/clients",
            #"{"clinicID":"\#(chain.clinic)","lastName":"<script>alert(1)</script>","firstName":"A","town":"B"}"#
        ).id()
        let page = try await chain.call(.get, "/v1/clients/\(client)/statement/html?\(period)")
        #expect(page.status == 200 && !page.text.contains("<script>") && page.text.contains("&lt;script&gt;"))
        #expect(page.text.contains("Compte soldé"))
    }

    @Test func `INV-10: ten thousand movements come as every kind of file, whole`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        try await chain.bench.overseer.execute(
            """
            INSERT INTO receivable (id, organisation, clinic, client, label, currency, amount, recorded_on, due_on)
            SELECT gen_random_uuid(), \(chain.organisation), \(chain.clinic), \(client), 'Soin ' || n, 'EUR', 1,
                '2026-11-15', '2026-12-31' FROM generate_series(1, 10000) AS n
            """)
        let path = "/v1/clients/\(client)/statement"
        let json = try await chain.call(.get, "\(path)?\(period)").json
        #expect(json["movements"]?.elements?.count == 10_000 && json.cents("closing") == 10_000)
        let sheet = try await chain.call(.get, "\(path)/csv?\(period)").text
        #expect(sheet.split(separator: "\r\n").count == 10_003 && sheet.hasSuffix(";100,00\r\n"))
        #expect(try await chain.call(.get, "\(path)/html?\(period)").text.contains("100,00\u{202F}€"))
        let pdf = try await PDFText.read(try await chain.call(.get, "\(path)/pdf?\(period)").bytes)
        let pages = try #require(Int(pdf.split(separator: "\n").first?.split(separator: " ").last ?? ""))
        #expect(pages > 200 && pdf.contains("Page \(pages) / \(pages)"), "\(pages)")
    }

    @Test func `INV-10, INV-14: lists come whole for spreadsheets, and no text in them runs as a formula`()
        async throws
    {
        let chain = try await Chain.open()
        let other = try await chain.anotherClinic("PANTIN")
        let client = try await chain.client()
        try await chain.bench.overseer.execute(
            """
            INSERT INTO receivable (id, organisation, clinic, client, label, currency, amount, recorded_on, due_on)
            SELECT gen_random_uuid(), \(chain.organisation), \(chain.clinic), \(client),
                CASE n WHEN 1 THEN '=1+1;2' ELSE 'Soin ' || n END, 'EUR', 100, '2026-10-15', '2026-10-31'
            FROM generate_series(1, 1203) AS n
            """)
        let late = try await chain.call(.get, "/v1/overdue/csv?on=2026-11-20&language=fr")
        #expect(late.headers["Content-Type"] == "text/csv; charset=utf-8")
        #expect(late.bytes.starts(with: [0xEF, 0xBB, 0xBF]) && late.text.contains(";Reste dû;Devise;"), "C-27")
        #expect(Set(late.text.split(separator: "\r\n")).count == 1_204, "each once, and the headings")
        let line = ";Martin Ada;\"'=1+1;2\";1,00;EUR;31/10/2026;20;0;31/10/2028\r\n"
        #expect(late.text.contains(line), "\(late.text.prefix(400))")
        let ageing = try await chain.call(.get, "/v1/ageing/csv?on=2026-11-20&language=fr").text
        #expect(ageing.contains("Non échu") && ageing.hasSuffix(";EUR;0,00;1203,00;0,00;0,00;0,00\r\n"), "\(ageing)")
        let owed = try await chain.call(.get, "/v1/receivables/csv?language=en").text
        #expect(Set(owed.split(separator: "\r\n")).count == 1_204)
        let english = ",Martin Ada,'=1+1;2,2026-10-15,2026-10-31,1.00,0.00,0.00,0.00,1.00,EUR\r\n"
        #expect(owed.contains(english), "\(owed.prefix(400))")
        let desk = chain.principal(role: .frontDesk, clinics: .some([other]))
        for path in ["overdue/csv?on=2026-11-20", "ageing/csv?on=2026-11-20", "receivables/csv"] {
            let none = try await chain.call(.get, "/v1/\(path)", as: desk).text
            #expect(none.split(separator: "\r\n").count == 1, "only the headings: \(none)")
        }
        #expect(try await chain.collect(500, for: client, by: "card").status == 201)
        let paid = try await chain.call(.get, "/v1/payments-on-account/csv?clientID=\(client)&language=fr").text
        #expect(paid.contains(";Martin Ada;R-LILAS-2026-000001;20/11/2026;"), "\(paid)")
        #expect(paid.hasSuffix(";5,00;5,00;0,00;0,00;0,00;0,00;0,00;EUR\r\n"), "\(paid)")
        let period = try await chain.call(.get, "/v1/payments-on-account/csv?from=2026-11-20&to=2026-11-20&language=fr")
        #expect(period.text == paid, "of all clients there is no other: \(period.text)")
    }

    @Test func `INV-10: a text of several lines, as files bring them, pushes the next movement down`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        try await chain.bench.overseer.execute(
            """
            INSERT INTO receivable (id, organisation, clinic, client, label, currency, amount, recorded_on, due_on)
            SELECT gen_random_uuid(), \(chain.organisation), \(chain.clinic), \(client), label, 'EUR', 100, day,
                '2026-12-31'
            FROM (VALUES (E'Bain\\nTonte\\nGriffes\\nBrossage', date '2026-11-15'), ('Laisse', date '2026-11-16'))
                AS told (label, day)
            """)
        let path = "/v1/clients/\(client)/statement/pdf?\(period)"
        let pdf = try await PDFText.read(
            try await chain.call(.get, path).bytes, heightsOf: ["Brossage", "Laisse"])
        let heights = pdf.split(separator: "\n").filter { $0.hasPrefix("at ") }.compactMap { Int($0.dropFirst(3)) }
        #expect(heights.count == 2 && heights[1] > 0 && heights[0] > heights[1] + 10, "\(pdf)")
    }

    @Test func `INV-7: a receipt says what was received, for what, how, and what is left`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        _ = try await chain.invoice(4_000, for: client)
        let payment: PaymentOnAccountID = try await chain.collect(
            5_000, for: client,
            more: """
                ,"tendered":{"minorUnits":6000,"currency":"EUR"},"payer":{"name":"Zoé Durand"},"collectedBy":"Léa"
                """
        ).id()
        let path = "/v1/payments-on-account/\(payment)"
        let first = try await PDFText.read(try await chain.call(.get, "\(path)/receipt").bytes)
        for words in [
            "Reçu", "R-LILAS-2026-000001", "F-LILAS-2026-000001", "Zoé Durand", "Léa", "Monnaie rendue",
            "Reste à votre crédit", "archival True",
        ] {
            #expect(first.contains(words), "\(words): \(first)")
        }
        #expect(!first.contains("Annulé"))
        let english = try await PDFText.read(try await chain.call(.get, "\(path)/receipt?language=en").bytes)
        for words in ["Method: Cash", "Payer: Zoé Durand"] { #expect(english.contains(words), "\(words): \(english)") }
        let bounced = #"{"on":"2026-11-21","reason":"mistake"}"#
        #expect(try await chain.call(.post, "\(path)/reversal", bounced, headers: Chain.seen()).status == 200)
        let void = try await PDFText.read(try await chain.call(.get, "\(path)/receipt").bytes)
        #expect(void.contains("Annulé le 21/11/2026") && void.contains("saisi par erreur"), "\(void)")
        try await Delivery.with { delivery in try await delivery.deliver([chain.accepted(700, by: client)]) }
        let items = try await chain.call(.get, "/v1/payments-on-account").json["items"]?.elements
        let online = try #require(items?.first { $0["till"] == nil }?["id"]?.text)
        #expect(try await chain.call(.get, "/v1/payments-on-account/\(online)/receipt").status == 200)
    }

    @Test func `INV-7, INV-9: the receipt of a cheque that bounced says so, in both languages`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let payment: PaymentOnAccountID = try await chain.collect(
            3_000, for: client, by: "cheque", more: #","cheque":{"number":"7"}"#
        ).id()
        let path = "/v1/payments-on-account/\(payment)"
        let bounced = #"{"on":"2026-11-21","reason":"bounced"}"#
        #expect(try await chain.call(.post, "\(path)/reversal", bounced, headers: Chain.seen()).status == 200)
        #expect(try await chain.call(.get, path).json["reversal"]?["reason"]?.text == "bounced")
        for (language, words) in [
            ("fr", ["Annulé le 21/11/2026", "impayé, rejeté par la banque"]),
            ("en", ["Void since 21/11/2026", "unpaid, rejected by the bank"]),
        ] {
            let page = try await PDFText.read(
                try await chain.call(.get, "\(path)/receipt?language=\(language)").bytes)
            for words in words { #expect(page.contains(words), "\(words): \(page)") }
        }
    }
}

/// The words of a PDF, read by a library that knows nothing of us.
enum PDFText {
    /// With `QUITTANCE_KEEP_PAGES` set to a folder, the files stay there to be looked at.
    ///
    /// Behind it, how far above the foot of the first page each text of some stands.
    static func read(
        _ bytes: [UInt8], heightsOf texts: [String] = [], test: String = #function
    ) async throws -> String {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/page.pdf"
        try Data(bytes).write(to: URL(filePath: path))
        if let kept = ProcessInfo.processInfo.environment["QUITTANCE_KEEP_PAGES"] {
            try Data(bytes).write(to: URL(filePath: "\(kept)/\(test.prefix(7))-\(bytes.count).pdf"))
        }
        let script = "\(ExternalProcess.repository)Tests/Integration/Invoicing/read_pdf.py"
        return try await PythonScript.run([script, path] + texts).output
    }

    /// What the codes on its last page say, a line each, read off the drawn page as a telephone reads it off the paper.
    static func codes(of bytes: [UInt8]) async throws -> String {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/page.pdf"
        try Data(bytes).write(to: URL(filePath: path))
        let script = "\(ExternalProcess.repository)Tests/Integration/Invoicing/read_code.py"
        return try await PythonScript.run([script, path]).output
    }
}
