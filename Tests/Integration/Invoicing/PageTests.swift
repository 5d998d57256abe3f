import HTTPServer
import PaymentModel
import PostgresClient
import TestSupport
import Testing

/// What a client holds in their hands.
@Suite struct `INV-5: pages of invoicing` {
    @Test func `INV-3: a quote is a page to agree to, and no e-invoice`() async throws {
        let chain = try await Chain.open()
        try await chain.sell()
        let client = try await chain.client()
        let quote = try await chain.quote(for: client)
        let file = try await chain.file("/v1/quotes/\(quote)/pdf")
        #expect(!file.contains(Array("factur-x.xml".utf8)), "it bills nothing")
        let page = try await PDFText.read(file)
        for words in [
            "pages 1", "archival True", "Devis", "Valable jusqu’au : 21/12/2026", "Établi pour", "Ada Martin",
            "Total TTC", "172,75\u{202F}€", "Bon pour accord",
        ] { #expect(page.containsWords(words), "\(words): \(page)") }
        #expect(!page.contains("Facture"), "\(page)")
        let english = try await PDFText.read(try await chain.file("/v1/quotes/\(quote)/pdf?language=en"))
        #expect(english.containsWords("Valid until: 21/12/2026") && english.contains("Agreed"), "\(english)")
    }

    @Test func `INV-3, INV-4: notes are on the pages of a quote and of its invoice, and in the data`() async throws {
        let chain = try await Chain.open()
        try await chain.sell()
        let client = try await chain.client()
        let notes = "Contrôle dans dix jours, à jeun."
        let json = """
            {"clientID":"\(client)","clinicID":"\(chain.clinic)","issuedOn":"2026-11-20","validUntil":"2026-12-21",
             "notes":"\(notes)",
             "lines":[{"label":"Chirurgie","unitPriceTenThousandths":1000000,"vatBasisPoints":2000}]}
            """
        let quote: QuoteID = try await chain.call(.post, "/v1/quotes", json).id()
        let days = #"{"issuedOn":"2026-11-25","dueOn":"2026-12-25"}"#
        let id: InvoiceID = try await chain.call(
            .post, "/v1/quotes/\(quote)/invoice", days, headers: Chain.seen()
        ).id()
        #expect(try await chain.call(.get, "/v1/quotes/\(quote)").json["notes"]?.text == notes)
        #expect(try await chain.invoice(id)["notes"]?.text == notes)
        for path in ["/v1/quotes/\(quote)/pdf", "/v1/invoices/\(id)/pdf"] {
            let page = try await PDFText.read(try await chain.file(path))
            #expect(page.containsWords(notes), "\(path): \(page)")
        }
        let data = String(decoding: try await chain.file("/v1/invoices/\(id)/factur-x"), as: UTF8.self)
        #expect(data.contains("<ram:Content>\(notes)</ram:Content>"))
        let long = json.replacing(notes, with: String(repeating: "x", count: 501))
        #expect(try await chain.call(.post, "/v1/quotes", long).json["errors"]?.elements?.count == 1)
    }

    @Test func `INV-5: names as long as they may be push the lines down and are not written over`() async throws {
        let chain = try await Chain.open()
        let long = "Groupement d'exploitation agricole et d'élevage "
        try await chain.sell(
            #""siren":"732829320","vatNumber":"FR44732829320","vatScheme":"on-receipts","phone":"04 78 00 00 00","#)
        let client = try await chain.client()
        let company = String(String(repeating: long, count: 5).prefix(200))
        try await chain.name(
            client,
            #"{"company":"\#(company)","street":"\#(company)","siren":"552100554","vatNumber":"FR96552100554"}"#)
        let id = try await chain.invoice(6_000, for: client)
        let texts = ["TVA FR96552100554", "04 78 00 00 00", "Qté", "Taux TVA"]
        let page = try await PDFText.read(try await chain.file("/v1/invoices/\(id)/pdf"), heightsOf: texts)
        let heights = page.split(separator: "\n").filter { $0.hasPrefix("at ") }.compactMap { Int($0.dropFirst(3)) }
        try #require(heights.count == 4 && heights.allSatisfy { $0 > 0 }, "\(page)")
        #expect(heights[0] > heights[2] + 20 && heights[1] > heights[2] + 20 && heights[2] > heights[3], "\(page)")
    }

    @Test func `INV-5: the longest notes and the longest foot stay on the page, one below the other`() async throws {
        let chain = try await Chain.open()
        let wide = { (count: Int) in String(repeating: "W", count: count) }
        try await chain.sell(
            """
            "siret":"73282932000074","siren":"732829320","vatNumber":"FR44732829320","vatScheme":"on-debits",
            "capital":"\(wide(40))","registry":"\(wide(60))","latePenalty":"\(wide(200))",
            """)
        let client = try await chain.client()
        try await chain.name(client, #"{"company":"Haras de l'Étang","siren":"552100554"}"#)
        let notes = String(repeating: "Wagon ", count: 82) + "terminus"
        #expect(notes.count == 500)
        let id = try await chain.bill(
            client,
            """
            "notes":"\(notes)",
            "lines":[{"label":"Soin","unitPriceTenThousandths":1000000,"vatBasisPoints":2000,"nature":"services"},
                     {"label":"Croquettes","unitPriceTenThousandths":500000,"vatBasisPoints":550,"nature":"goods"}]
            """)
        let texts = ["Qté", "terminus", "Montant TVA", "Payer en ligne", "recouvrement"]
        let page = try await PDFText.read(
            try await chain.file("/v1/invoices/\(id)/pdf?payToken=k3vTq9XwZ1"), heightsOf: texts)
        let heights = page.split(separator: "\n").filter { $0.hasPrefix("at ") }.compactMap { Int($0.dropFirst(3)) }
        #expect(page.contains("pages 1"), "\(page)")
        try #require(heights.count == texts.count)
        #expect(zip(heights, heights.dropFirst()).allSatisfy { $0 > $1 }, "\(heights): \(page)")
        #expect(heights[4] > 14, "above the edge of the paper: \(heights)")
    }

    @Test func `INV-5: what is to be paid says where by transfer, on its page and in its data, and nothing else does`()
        async throws
    {
        let chain = try await Chain.open()
        try await chain.sell()
        let client = try await chain.client()
        let id = try await chain.invoice(6_000, for: client)
        let note: CreditNoteID = try await chain.credit(id, 1_000, seen: 2).id()
        let account = "IBAN FR76 3000 6000 0112 3456 7890 189 – BIC AGRIFRPPXXX"
        for (language, words) in [("fr", "Par virement : \(account)"), ("en", "By transfer: \(account)")] {
            let file = try await chain.file("/v1/invoices/\(id)/pdf?language=\(language)")
            #expect(try await PDFText.read(file).containsWords(words), "\(words)")
        }
        let data = String(decoding: try await chain.file("/v1/invoices/\(id)/factur-x"), as: UTF8.self)
        #expect(data.contains("<ram:IBANID>FR7630006000011234567890189<") && data.contains("<ram:BICID>AGRIFRPPXXX<"))
        let quote = try await chain.quote(for: client)
        for path in ["/v1/quotes/\(quote)/pdf", "/v1/credit-notes/\(note)/pdf"] {
            #expect(try await !PDFText.read(try await chain.file(path)).contains("IBAN"), "\(path)")
        }
        let credited = String(decoding: try await chain.file("/v1/credit-notes/\(note)/factur-x"), as: UTF8.self)
        #expect(!credited.contains("PaymentMeans"))
        for (account, pointer, reason) in [
            (#"{"iban":"FR7630006000011234567890198"}"#, "iban", "one character is mistyped"),
            (#"{"iban":"FR76 3000 6000 0112 3456 7890 18"}"#, "iban", "FR has 27 characters, this one has 26"),
            (#"{"bic":"AGRIFRPP"}"#, "iban", "It is missing."),
            (#"{"iban":"FR7630006000011234567890189","bic":"AGRIFRP"}"#, "bic", "not in the form"),
        ] {
            let seller = #"{"name":"A","vatScheme":"exempt","address":{"town":"Lyon"},"bankAccount":\#(account)}"#
            let refused = try await chain.call(.put, "/v1/organisation/seller", seller, headers: Chain.seen(1))
            let pointers = refused.json["errors"]?.elements?.map { $0["pointer"]?.text }
            #expect(pointers == ["/bankAccount/\(pointer)"] && refused.text.contains(reason), "\(refused.text)")
        }
    }

    @Test func `INV-5: a line says what its quantity counts, in the reader's language, from the quote to the invoice`()
        async throws
    {
        let chain = try await Chain.open()
        try await chain.sell()
        let lines = [("Croquettes", 2_500, "kg"), ("Comprimés", 14_000, "piece"), ("Garde", 1_500, "hour")].map {
            #"{"label":"\#($0)","quantityThousandths":\#($1),"unit":"\#($2)","unitPriceTenThousandths":100000,"#
                + #""vatBasisPoints":2000}"#
        }
        let json = """
            {"clientID":"\(try await chain.client())","clinicID":"\(chain.clinic)","issuedOn":"2026-11-20",
             "validUntil":"2026-12-21","lines":[\(lines.joined(separator: ","))]}
            """
        let quote: QuoteID = try await chain.call(.post, "/v1/quotes", json).id()
        let id: InvoiceID = try await chain.call(
            .post, "/v1/quotes/\(quote)/invoice", #"{"issuedOn":"2026-11-25","dueOn":"2026-12-25"}"#,
            headers: Chain.seen()
        ).id()
        #expect(
            try await chain.invoice(id)["lines"]?.elements?.map { $0["unit"]?.text } == ["kg", "piece", "hour"])
        for (language, words) in [("fr", ["2,5 kg", "14 pièces", "1,5 h"]), ("en", ["2.5 kg", "14 pieces", "1.5 h"])] {
            let page = try await PDFText.read(try await chain.file("/v1/invoices/\(id)/pdf?language=\(language)"))
            for word in words { #expect(page.containsWords(word), "\(word): \(page)") }
        }
        let data = String(decoding: try await chain.file("/v1/invoices/\(id)/factur-x"), as: UTF8.self)
        #expect(data.contains("unitCode=\"KGM\">2.500<") && data.contains("unitCode=\"HUR\">1.500<"), "\(data)")
        let strange = json.replacing(#""unit":"kg""#, with: #""unit":"sac""#)
        let refused = try await chain.call(.post, "/v1/quotes", strange)
        #expect(refused.json["errors"]?.elements?.first?["pointer"]?.text == "/lines/0/unit", "\(refused.text)")
    }

    /// Arrêté 83-50/A of 3 October 1983, article 3.
    @Test func `INV-5: a clinic's own address is below its name, apart from the head office, as it was at the issue`()
        async throws
    {
        let chain = try await Chain.open()
        try await chain.sell()
        let client = try await chain.client()
        let (path, lille) = ("/v1/clinics/\(chain.clinic)/address", #"{"street":"3 rue du Faubourg","town":"Lille"}"#)
        let plain = try await chain.invoice(6_000, for: client)
        #expect(try await chain.call(.get, path).json["version"]?.integer == 0)
        #expect(try await chain.call(.put, path, lille, headers: Chain.seen(0)).status == 200)
        #expect(try await chain.call(.put, path, lille, headers: Chain.seen(0)).status == 412, "somebody was faster")
        let id = try await chain.invoice(6_000, for: client)
        let moved = try await chain.call(.put, path, #"{"town":"Roubaix"}"#, headers: Chain.seen(1)).json
        #expect(moved["town"]?.text == "Roubaix" && moved["street"] == nil && moved["version"]?.integer == 2)
        let file = try await chain.file("/v1/invoices/\(id)/pdf")
        let texts = ["Clinique", "3 rue du Faubourg", "Lille", "12 rue des Lilas"]
        let page = try await PDFText.read(file, heightsOf: texts)
        let heights = page.split(separator: "\n").filter { $0.hasPrefix("at ") }.compactMap { Int($0.dropFirst(3)) }
        #expect(heights.count == 4 && heights == heights.sorted(by: >) && heights.last ?? 0 > 0, "\(page)")
        #expect(!page.contains("Roubaix"), "\(page)")
        #expect(try await !PDFText.read(try await chain.file("/v1/invoices/\(plain)/pdf")).contains("Lille"))
        let quote = try await chain.quote(for: client)
        #expect(try await PDFText.read(try await chain.file("/v1/quotes/\(quote)/pdf")).contains("Roubaix"))
        let seller = try await chain.call(.get, "/v1/organisation/seller").text
        #expect(!seller.contains("Roubaix"), "what the company says of itself is as it was: \(seller)")
        let desk = chain.principal(role: .manager, clinics: .some([try await chain.anotherClinic("PANTIN")]))
        #expect(try await chain.call(.put, path, lille, headers: Chain.seen(2), as: desk).status == 403)
    }

    @Test func `INV-5: a label of many lines, as files may bring it, does not leave the page`() async throws {
        let chain = try await Chain.open()
        let id = try await chain.invoice(5_000, for: try await chain.client(), issuedOn: nil)
        try await chain.bench.overseer.transaction { transaction in
            try transaction.execute("SET LOCAL session_replication_role = replica")
            try transaction.execute("UPDATE invoice_line SET label = repeat('Os' || chr(10), 66) WHERE invoice = \(id)")
        }
        #expect(try await chain.issue(id).status == 200)
        let page = try await PDFText.read(try await chain.file("/v1/invoices/\(id)/pdf"))
        #expect(page.contains("pages 1") && page.containsWords("Os Os Os"), "\(page)")
    }

    @Test func `INV-5: many lines go over pages that are numbered, with the sums on the last`() async throws {
        let chain = try await Chain.open()
        try await chain.sell()
        let client = try await chain.client()
        let lines = (1...60).map { number in
            #"{"label":"Soin n° \#(number), avec tout ce qui s'y rattache et se facture à part, jour après jour","#
                + #""quantityThousandths":\#(number * 1_500),"unitPriceTenThousandths":12345000,"vatBasisPoints":2000,"#
                + #""discount":{"basisPoints":125},"nature":"\#(number.isMultiple(of: 2) ? "goods" : "services")"}"#
        }
        let id = try await chain.bill(client, #""lines":[\#(lines.joined(separator: ","))]"#)
        let page = try await PDFText.read(try await chain.file("/v1/invoices/\(id)/pdf?payToken=k3vTq9XwZ1"))
        let pages = try #require(page.split(separator: "\n").first?.split(separator: " ").last)
        #expect(
            (Int(pages) ?? 0) > 2 && page.contains("Page 1 / \(pages)") && page.contains("Page \(pages) / \(pages)"))
        #expect(page.contains("Taux TVA") && page.contains("Montant TVA") && page.contains("Payer en ligne"), "\(page)")
        #expect(page.containsWords("livraisons de biens et prestations de services"), "\(page)")
    }

    @Test func `INV-3, INV-5: documents say where things go, from the quote to the credit note`() async throws {
        let chain = try await Chain.open()
        try await chain.sell()
        let client = try await chain.client()
        let place = #"{"name":"Haras du Lac","street":"8 chemin du Pré","postcode":"14160","town":"Dives"}"#
        let json = """
            {"clientID":"\(client)","clinicID":"\(chain.clinic)","issuedOn":"2026-11-20","validUntil":"2026-12-21",
             "deliveryAddress":\(place),"lines":[{"label":"Croquettes","unitPriceTenThousandths":1000000,
                                                  "vatBasisPoints":2000,"nature":"goods"}]}
            """
        let quote: QuoteID = try await chain.call(.post, "/v1/quotes", json).id()
        let path = "/v1/quotes/\(quote)"
        let asked = #"{"amount":{"minorUnits":5000,"currency":"EUR"},"issuedOn":"2026-11-20","dueOn":"2026-11-30"}"#
        let deposit: InvoiceID = try await chain.call(.post, "\(path)/deposits", asked, headers: Chain.seen()).id()
        let days = #"{"issuedOn":"2026-11-21","dueOn":"2026-12-25"}"#
        let rest: InvoiceID = try await chain.call(.post, "\(path)/invoice", days, headers: Chain.seen(2)).id()
        let note: CreditNoteID = try await chain.credit(rest, 1_000, seen: 2).id()
        let bills = ["/v1/invoices/\(deposit)", "/v1/invoices/\(rest)", "/v1/credit-notes/\(note)"]
        for path in bills + [path] {
            let page = try await PDFText.read(try await chain.file("\(path)/pdf"))
            for words in ["Livré à", "Haras du Lac", "8 chemin du Pré", "14160 Dives"] {
                #expect(page.containsWords(words), "\(path), \(words): \(page)")
            }
        }
        for path in bills {
            let data = String(decoding: try await chain.file("\(path)/factur-x"), as: UTF8.self)
            #expect(data.contains("<ram:ShipToTradeParty>") && data.contains("<ram:CityName>Dives<"), "\(path)")
        }
        let told = try await chain.invoice(rest)["deliveryAddress"]
        #expect(told?["street"]?.text == "8 chemin du Pré" && told?["country"]?.text == "FR")
        #expect(try await chain.call(.get, path).json["deliveryAddress"] == told)
        let english = try await PDFText.read(try await chain.file("/v1/invoices/\(rest)/pdf?language=en"))
        #expect(english.containsWords("Delivered to"), "\(english)")
        let vague = json.replacing(#""street":"8 chemin du Pré","#, with: "")
        let refused = try await chain.call(.post, "/v1/quotes", vague).json["errors"]?.elements
        #expect(refused?.map { $0["pointer"]?.text } == ["/deliveryAddress/street"])
    }

    @Test func `INV-3, INV-5: documents say when what they bill was sold or done, if not on their day`() async throws {
        let chain = try await Chain.open()
        try await chain.sell()
        let client = try await chain.client()
        let lines = #""lines":[{"label":"Soin","unitPriceTenThousandths":1000000,"vatBasisPoints":2000}]"#
        let told: InvoiceID = try await chain.bill(client, #""suppliedOn":"2026-11-18",\#(lines)"#)
        let same: InvoiceID = try await chain.bill(client, #""suppliedOn":"2026-11-20",\#(lines)"#)
        let quote = try await chain.quote(for: client)
        let path = "/v1/quotes/\(quote)"
        let asked = #"{"amount":{"minorUnits":5000,"currency":"EUR"},"issuedOn":"2026-11-20","dueOn":"2026-11-30"}"#
        let deposit: InvoiceID = try await chain.call(.post, "\(path)/deposits", asked, headers: Chain.seen()).id()
        let days = #"{"issuedOn":"2026-11-21","dueOn":"2026-12-25","suppliedOn":"2026-11-18"}"#
        let rest: InvoiceID = try await chain.call(.post, "\(path)/invoice", days, headers: Chain.seen(2)).id()
        let note: CreditNoteID = try await chain.credit(told, 1_000, seen: 2).id()
        let plain: CreditNoteID = try await chain.credit(same, 1_000, seen: 2).id()
        for (path, isSaid, day) in [
            ("/v1/invoices/\(told)", true, "20261118"), ("/v1/invoices/\(same)", false, "20261120"),
            ("/v1/invoices/\(rest)", true, "20261118"), ("/v1/credit-notes/\(note)", true, "20261118"),
            ("/v1/credit-notes/\(plain)", false, "20261120"), ("/v1/invoices/\(deposit)", false, nil),
        ] as [(String, Bool, String?)] {
            let page = try await PDFText.read(try await chain.file("\(path)/pdf"))
            #expect(page.containsWords("Vente ou prestation") == isSaid, "\(path): \(page)")
            #expect(page.containsWords("18/11/2026") == isSaid, "\(path): \(page)")
            let data = String(decoding: try await chain.file("\(path)/factur-x"), as: UTF8.self)
            let event = data.split(separator: "<ram:OccurrenceDateTime>").dropFirst().first
            #expect((event == nil) == (day == nil), "\(path): \(data)")
            if let day { #expect(event?.prefix(120).contains(day) == true, "\(path): \(data)") }
        }
        #expect(try await chain.invoice(told)["suppliedOn"]?.text == "2026-11-18")
        let english = try await PDFText.read(try await chain.file("/v1/invoices/\(told)/pdf?language=en"))
        #expect(english.containsWords("Supplied on"), "\(english)")
    }

    @Test func `INV-4, INV-5: why a line bears no VAT stands below the VAT, and is refused beside VAT`() async throws {
        let chain = try await Chain.open()
        try await chain.sell()
        let client = try await chain.client()
        let reason = "Exonération de TVA, art. 261, 4-4° du CGI"
        let lines = """
            "lines":[{"label":"Formation","unitPriceTenThousandths":1000000,"vatBasisPoints":0,"nature":"services",
                      "exemption":"\(reason)"}]
            """
        let id = try await chain.bill(client, lines)
        let page = try await PDFText.read(try await chain.file("/v1/invoices/\(id)/pdf"))
        let (table, said) = (page.firstRange(of: "Taux TVA"), page.firstRange(of: reason))
        #expect(try #require(table, "\(page)").upperBound < #require(said, "\(page)").lowerBound, "\(page)")
        #expect(try await chain.invoice(id)["lines"]?.elements?.first?["exemption"]?.text == reason)
        let taxed = lines.replacing(#""vatBasisPoints":0"#, with: #""vatBasisPoints":2000"#)
        let many = (1...6).map { number in
            #"{"label":"Don","unitPriceTenThousandths":10000,"vatBasisPoints":0,"exemption":"Article \#(number)"}"#
        }
        for (lines, pointer, told) in [
            (taxed, "/lines/0/exemption", "La ligne comporte de la TVA."),
            (#""lines":[\#(many.joined(separator: ","))]"#, "/lines", "plus de 5 motifs"),
        ] {
            let draft = #"{"clientID":"\#(client)","clinicID":"\#(chain.clinic)","dueOn":"2026-12-20",\#(lines)}"#
            let answer = try await chain.call(.post, "/v1/invoices", draft, headers: ["Accept-Language": "fr"])
            let error = answer.json["errors"]?.elements?.first
            #expect(answer.status == 422 && error?["pointer"]?.text == pointer, "\(answer.text)")
            #expect(error?["reason"]?.text?.contains(told) == true, "GEN-5: \(answer.text)")
        }
    }

    @Test func `INV-3, INV-5: a deposit, its invoice and a credit note say what the quote's lines are`() async throws {
        let chain = try await Chain.open()
        try await chain.sell(selling: "both")
        let client = try await chain.client()
        let json = """
            {"clientID":"\(client)","clinicID":"\(chain.clinic)","issuedOn":"2026-11-20","validUntil":"2026-12-21",
             "lines":[{"label":"Chirurgie","unitPriceTenThousandths":1000000,"vatBasisPoints":2000,
                       "nature":"services","practitioner":"Dr Léa Morel"}]}
            """
        let quote: QuoteID = try await chain.call(.post, "/v1/quotes", json).id()
        let path = "/v1/quotes/\(quote)"
        let asked = #"{"amount":{"minorUnits":5000,"currency":"EUR"},"issuedOn":"2026-11-20","dueOn":"2026-11-30"}"#
        let deposit: InvoiceID = try await chain.call(.post, "\(path)/deposits", asked, headers: Chain.seen()).id()
        let days = #"{"issuedOn":"2026-11-21","dueOn":"2026-12-25"}"#
        let rest: InvoiceID = try await chain.call(.post, "\(path)/invoice", days, headers: Chain.seen(2)).id()
        let note: CreditNoteID = try await chain.credit(rest, 1_000, seen: 2).id()
        for path in ["/v1/invoices/\(deposit)", "/v1/invoices/\(rest)", "/v1/credit-notes/\(note)"] {
            let data = String(decoding: try await chain.file("\(path)/factur-x"), as: UTF8.self)
            #expect(data.contains("Nature des opérations : prestations de services<"), "\(path): \(data)")
        }
        for (path, texts) in [
            ("/v1/invoices/\(deposit)", ["Deposit invoice", "Deposit on quote D-LILAS-2026-000001"]),
            ("/v1/invoices/\(rest)", ["Deposit already billed: F-", "Chirurgie", "Practitioner: Dr Léa Morel"]),
            ("/v1/credit-notes/\(note)", ["Credit on invoice F-", "Total credited"]),
        ] {
            let page = try await PDFText.read(try await chain.file("\(path)/pdf?language=en"))
            #expect(!page.contains("Acompte") && !page.contains("Avoir"), "\(page)")
            for words in texts { #expect(page.containsWords(words), "\(words): \(page)") }
        }
        let own = try await PDFText.read(try await chain.file("/v1/credit-notes/\(note)/pdf"))
        let first = try await PDFText.read(try await chain.file("/v1/invoices/\(deposit)/pdf"))
        #expect(first.containsWords("Acompte sur devis D-LILAS-2026-000001"), "\(first)")
        let offer = try await PDFText.read(try await chain.file("\(path)/pdf"))
        #expect(offer.containsWords("Intervenant : Dr Léa Morel"), "\(offer)")
        #expect(try await chain.invoice(rest)["lines"]?.elements?.first?["practitioner"]?.text == "Dr Léa Morel")
        #expect(own.containsWords("Total de l’avoir") && own.containsWords("Avoir sur la facture F-"), "\(own)")
        #expect(try await chain.invoice(deposit)["lines"]?.elements?.map { $0["nature"]?.text } == ["services"])
        #expect(try await chain.call(.get, path).json["lines"]?.elements?.first?["nature"]?.text == "services")
        let wrong = json.replacing(#""nature":"services""#, with: #""nature":"gifts""#)
        let refused = try await chain.call(.post, "/v1/quotes", wrong).json["errors"]?.elements
        #expect(refused?.map { $0["pointer"]?.text } == ["/lines/0/nature"])
    }
}

extension String {
    /// Whether these words stand in it, whichever blanks are between them.
    fileprivate func containsWords(_ words: String) -> Bool {
        let plain = { (text: String) in text.filter { !$0.isWhitespace } }
        return plain(self).contains(plain(words))
    }
}
