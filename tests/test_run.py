def test_smoke(make_desk):
    desk = make_desk({"pain.md": b"# Pain\n\nTake 5 mg every evening with water. Rest is good for you.\n\nSee <https://a.example> or **bold words** here.\n"})
    print(desk.run())
    print(desk.po("pain").read_text())
    print(desk.review("pain", "demo-linguist"))
    print(desk.run().written)
    print(desk.review("pain", "demo-clinician"))
    print(desk.run().written)
    print(desk.publish())
    print(desk.prove())
    print(desk.check())
    print(desk.states("pain"))
    assert 0
