import Testing

@Suite struct LayerTests {
    private let planted = """
        {"targets": [
            {"name": "PaymentModel", "type": "regular", "path": "Shared/PaymentModel", "resources": [], "settings": [],
             "dependencies": []},
            {"name": "KafkaClient", "type": "regular", "path": "Shared/KafkaClient", "resources": [], "settings": [],
             "dependencies": []},
            {"name": "InvoicingDomain", "type": "regular", "path": "Services/Invoicing/Domain", "resources": [],
             "settings": [{"tool": "swift", "kind": {"swiftLanguageMode": {"_0": "6"}}}],
             "dependencies": [{"byName": ["PaymentModel", null]}, {"product": ["Logging", "swift-log", null, null]}]},
            {"name": "InvoicingService", "type": "regular", "path": "Services/Invoicing/Service", "resources": [],
             "settings": [], "dependencies": [{"target": ["InvoicingDomain", null]}, {"byName": ["KafkaClient", null]}]},
            {"name": "Surprise", "type": "regular", "path": "Shared/Surprise", "resources": [], "settings": [],
             "dependencies": []}
        ]}
        """

    @Test func `no target is given more than its row of the table`() throws {
        let manifest = try Manifest.here.get()
        #expect(manifest.targets.count > 30)
        expectNone(Layers.manifestBreaches(manifest))
    }

    @Test func `a planted dependency is found`() throws {
        let breaches = Layers.manifestBreaches(try Manifest.read(planted)).map(\.text)
        #expect(
            breaches == [
                "InvoicingDomain may not depend on Logging", "InvoicingService may not depend on KafkaClient",
                "Surprise has no row in the table",
            ])
    }

    @Test func `no source imports more than its target declares and may see`() throws {
        let sources = try Repository.sources.get()
        #expect(sources.contains { $0.imports.contains { $0.module == "CPostgres" } })
        expectNone(Layers.importBreaches(try Manifest.here.get(), sources))
    }

    @Test(arguments: [
        (
            "Shared/PaymentModel/A.swift", "import FoundationEssentials",
            "PaymentModel may not import FoundationEssentials"
        ),
        (
            "Services/Invoicing/Domain/A.swift", "import Synchronization",
            "InvoicingDomain may not import Synchronization"
        ),
        (
            "Services/Invoicing/Domain/A.swift", "package import KafkaClient",
            "InvoicingDomain may not import KafkaClient"
        ),
        (
            "Services/Invoicing/Service/A.swift", "@preconcurrency import KafkaClient",
            "InvoicingService may not import KafkaClient"
        ),
        (
            "Services/Invoicing/Service/A.swift", "import struct NIOCore.ByteBuffer",
            "InvoicingService may not import NIOCore"
        ),
        ("Services/Invoicing/Service/A.swift", "import Glibc", "InvoicingService may not import Glibc"),
    ])
    func `a planted import is found`(path: String, line: String, finding: String) throws {
        let source = SourceFile(path: path, text: "// why\n\(line)\n")
        let breaches = Layers.importBreaches(try Manifest.read(planted), [source])
        #expect(breaches == [Breach(path, line: 2, finding)])
    }

    @Test func `an import in a comment or text is none`() throws {
        let text = "// import KafkaClient\nlet words = \"\"\"\n    import KafkaClient\n    \"\"\"\n"
        let source = SourceFile(path: "Services/Invoicing/Domain/A.swift", text: text)
        #expect(Layers.importBreaches(try Manifest.read(planted), [source]) == [])
    }

    @Test func `no chain of targets is longer than six`() throws {
        expectNone(Layers.depthBreaches(try Manifest.here.get()))
        let chain = (0...Layers.depthMax).map { index in
            let next = index == 0 ? "" : #"{"byName": ["T\#(index - 1)", null]}"#
            let place = #""path": "Shared/T\#(index)", "type": "regular", "resources": [], "settings": []"#
            return #"{"name": "T\#(index)", \#(place), "dependencies": [\#(next)]}"#
        }
        let planted = try Manifest.read(#"{"targets": [\#(chain.joined(separator: ","))]}"#)
        #expect(Layers.depthBreaches(planted).map(\.text) == ["T6 is 7 targets deep"])
    }

    @Test func `every target is compiled with the strict settings`() throws {
        expectNone(Layers.settingBreaches(try Manifest.here.get()))
        let planted = try Manifest.read(planted)
        #expect(Layers.settingBreaches(planted).filter { $0.text.contains("InvoicingDomain") }.count == 6)
        #expect(Layers.settingBreaches(planted).filter { $0.text.contains("PaymentModel") }.count == 7)
    }
}
